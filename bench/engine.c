/*
 * The yardstick of the engine bench: the same fills (random-fills.ts) and the same state in plain C. It keeps what the
 * engine must keep for its O(1) figures: an index of the contents with deletion, a doubly linked reverse map, counts
 * for each <content, domain> with the first domain inline, KNOWN, D, D_d and shared contents. It does not keep what
 * the engine has beside that: effects for policies, dirty lists and fair shares, pairs, heat.
 *
 *   engine-c FILLS DOMAINS FRAMES_PER_DOMAIN POOL DUPLICATE_SHARE SEED plain|prefetch
 *
 * prints "CPU-seconds hash". Tables grow while it runs, as the engine's do.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef uint32_t u32;
#define NONE 0xffffffffu
#define BATCH 256

typedef struct { u32 content, next, prev; } Frame;
typedef struct { u32 low, high, refs, domains, head, inline_domain, inline_count; } Content;
typedef struct { u32 content, domain, count; } Holder;
typedef struct { u32 head, gfn, low, high; } Fill;

/* --- input --------------------------------------------------------------------------------------------------- */

static u32 ra, rb, rc, rcounter = 1;

static u32 random_u32(void) {
  u32 sum = ra + rb + rcounter++;
  ra = rb ^ (rb >> 9);
  rb = rc + (rc << 3);
  rc = ((rc << 21) | (rc >> 11)) + sum;
  return sum;
}

static void random_seed(double seed) {
  ra = (u32)(uint64_t)seed;
  rb = (u32)(uint64_t)floor(seed / 4294967296.0);
  rc = 0x9e3779b9u;
  for (int i = 0; i < 12; i++) random_u32();
}

static u32 random_below(u32 bound) { return (u32)floor(random_u32() / 4294967296.0 * bound); }

static Fill *make_fills(u32 fills, u32 domains, u32 per_domain, u32 pool, double duplicates) {
  Fill *made = malloc((size_t)fills * sizeof *made);
  for (u32 i = 0; i < fills; i++) {
    u32 frame = random_below(domains * per_domain);
    u32 domain = frame / per_domain;
    made[i].head = 6 | (domain + 1) << 16;
    made[i].gfn = frame - domain * per_domain;
    if (random_u32() / 4294967296.0 < duplicates) {
      u32 content = random_below(pool) + 1;
      made[i].low = content * 0x9e3779b1u;
      made[i].high = content * 0x85ebca77u;
    } else {
      made[i].low = random_u32();
      made[i].high = random_u32();
    }
  }
  return made;
}

/* --- tables -------------------------------------------------------------------------------------------------- */

static Frame *frames;
static Content *contents;
static u32 contents_end = 1, contents_capacity, free_head;
static u32 *index_table, index_slots, index_used, index_live;
static Holder *holders;
static u32 holder_slots, holder_used, holder_live;
static u32 known, distinct, shared_contents, *known_of, *distinct_of;

#define TOMB NONE

static u32 index_home(u32 low) { return (u32)(((uint64_t)low * index_slots) >> 32); }

static void index_rebuild(void) {
  while (index_live + BATCH > index_slots * 0.675) index_slots = index_slots * 3 / 2 + 1;
  free(index_table);
  index_table = calloc(index_slots, sizeof *index_table);
  for (u32 id = 1; id < contents_end; id++) {
    if (contents[id].refs == 0) continue;
    u32 at = index_home(contents[id].low);
    while (index_table[at] != 0) at = at + 1 == index_slots ? 0 : at + 1;
    index_table[at] = id;
  }
  index_used = index_live;
}

static void reserve(void) {
  if (contents_end + BATCH > contents_capacity) {
    contents_capacity = contents_capacity * 5 / 4 + BATCH;
    contents = realloc(contents, (size_t)contents_capacity * sizeof *contents);
  }
  if (index_used + BATCH > index_slots * 0.75) index_rebuild();
}

static u32 intern(u32 low, u32 high) {
  u32 at = index_home(low), reusable = NONE, id;
  while ((id = index_table[at]) != 0) {
    if (id == TOMB) {
      if (reusable == NONE) reusable = at;
    } else if (contents[id].low == low && contents[id].high == high) {
      return id;
    }
    if (++at == index_slots) at = 0;
  }
  id = free_head;
  if (id != 0) free_head = contents[id].head;
  else id = contents_end++;
  memset(&contents[id], 0, sizeof contents[id]);
  contents[id].low = low;
  contents[id].high = high;
  contents[id].head = NONE;
  if (reusable == NONE) index_used++;
  else at = reusable;
  index_table[at] = id;
  index_live++;
  return id;
}

static void forget(u32 id) {
  u32 at = index_home(contents[id].low);
  while (index_table[at] != id) if (++at == index_slots) at = 0;
  if (index_table[at + 1 == index_slots ? 0 : at + 1] == 0) {
    index_table[at] = 0;
    index_used--;
  } else {
    index_table[at] = TOMB;
  }
  contents[id].head = free_head;
  free_head = id;
  index_live--;
}

static u32 holder_home(u32 content, u32 domain) {
  u32 h = content * 0x9e3779b1u ^ (domain + 1) * 0x85ebca77u;
  h = (h ^ (h >> 15)) * 0x2c1b3c6du;
  return (u32)(((uint64_t)(h ^ (h >> 13)) * holder_slots) >> 32);
}

static Holder *holder_find(u32 content, u32 domain) {
  u32 at = holder_home(content, domain);
  while (holders[at].content != 0) {
    if (holders[at].content == content && holders[at].domain == domain) return &holders[at];
    if (++at == holder_slots) at = 0;
  }
  return NULL;
}

static void holder_insert(u32 content, u32 domain, u32 count) {
  u32 at = holder_home(content, domain);
  while (holders[at].content != 0 && holders[at].content != TOMB) if (++at == holder_slots) at = 0;
  if (holders[at].content == 0) holder_used++;
  holders[at] = (Holder){content, domain, count};
}

static void holder_add(u32 content, u32 domain) {
  if (holder_used + 1 > holder_slots * 0.75) {
    Holder *old = holders;
    u32 old_slots = holder_slots;
    while (holder_live + 1 > holder_slots * 0.675) holder_slots = holder_slots * 3 / 2 + 1;
    holders = calloc(holder_slots, sizeof *holders);
    holder_used = 0;
    for (u32 i = 0; i < old_slots; i++) {
      if (old[i].content != 0 && old[i].content != TOMB) holder_insert(old[i].content, old[i].domain, old[i].count);
    }
    free(old);
  }
  holder_insert(content, domain, 1);
  holder_live++;
}

static void holder_remove(Holder *holder) {
  Holder *next = holder + 1 == holders + holder_slots ? holders : holder + 1;
  if (next->content == 0) {
    holder->content = 0;
    holder_used--;
  } else {
    holder->content = TOMB;
  }
  holder_live--;
}

/* --- one fill ------------------------------------------------------------------------------------------------ */

static void leave(Frame *frame, u32 domain) {
  Content *content = &contents[frame->content];
  if (frame->prev == NONE) content->head = frame->next;
  else frames[frame->prev].next = frame->next;
  if (frame->next != NONE) frames[frame->next].prev = frame->prev;
  known--;
  known_of[domain]--;
  if (content->inline_domain == domain + 1) {
    if (--content->inline_count == 0) {
      content->inline_domain = 0;
      content->domains--;
      distinct_of[domain]--;
    }
  } else {
    Holder *holder = holder_find(frame->content, domain);
    if (--holder->count == 0) {
      holder_remove(holder);
      content->domains--;
      distinct_of[domain]--;
    }
  }
  content->refs--;
  if (content->refs == 1) shared_contents--;
  if (content->refs == 0) {
    distinct--;
    forget(frame->content);
  }
}

static void join(u32 number, u32 domain, u32 id) {
  Frame *frame = &frames[number];
  Content *content = &contents[id];
  frame->content = id;
  frame->next = content->head;
  frame->prev = NONE;
  if (content->head != NONE) frames[content->head].prev = number;
  content->head = number;
  content->refs++;
  if (content->refs == 1) distinct++;
  if (content->refs == 2) shared_contents++;
  known++;
  known_of[domain]++;
  if (content->inline_domain == domain + 1) {
    content->inline_count++;
    return;
  }
  Holder *holder = content->domains == 0 ? NULL : holder_find(id, domain);
  if (holder != NULL) {
    holder->count++;
    return;
  }
  if (content->inline_domain == 0) {
    content->inline_domain = domain + 1;
    content->inline_count = 1;
  } else {
    holder_add(id, domain);
  }
  content->domains++;
  distinct_of[domain]++;
}

static void apply(const Fill *fill, u32 per_domain) {
  u32 domain = (fill->head >> 16) - 1;
  u32 number = domain * per_domain + fill->gfn;
  u32 id = intern(fill->low, fill->high);
  if (frames[number].content == id) return;
  if (frames[number].content != 0) leave(&frames[number], domain);
  join(number, domain, id);
}

static void prefetch(const Fill *fills, u32 count, u32 per_domain) {
  u32 guess[BATCH];
  /* A function that only prefetches has no effect that gcc sees: it would drop the call. */
  __asm__ volatile("" ::: "memory");
  for (u32 i = 0; i < count; i++) {
    __builtin_prefetch(&index_table[index_home(fills[i].low)]);
    __builtin_prefetch(&frames[((fills[i].head >> 16) - 1) * per_domain + fills[i].gfn], 1);
  }
  for (u32 i = 0; i < count; i++) {
    guess[i] = index_table[index_home(fills[i].low)];
    if (guess[i] != TOMB) __builtin_prefetch(&contents[guess[i]], 1);
    const Frame *frame = &frames[((fills[i].head >> 16) - 1) * per_domain + fills[i].gfn];
    if (frame->content == 0) continue;
    __builtin_prefetch(&contents[frame->content], 1);
    if (frame->next != NONE) __builtin_prefetch(&frames[frame->next], 1);
    if (frame->prev != NONE) __builtin_prefetch(&frames[frame->prev], 1);
  }
  for (u32 i = 0; i < count; i++) {
    if (guess[i] == 0 || guess[i] == TOMB) continue;
    u32 domain = (fills[i].head >> 16) - 1;
    if (contents[guess[i]].head != NONE) __builtin_prefetch(&frames[contents[guess[i]].head], 1);
    __builtin_prefetch(&holders[holder_home(guess[i], domain)], 1);
  }
}

/* --- result -------------------------------------------------------------------------------------------------- */

static u32 hash_state = 0x811c9dc5u;

static void hash_add(u32 value) {
  hash_state = (hash_state ^ value) * 0x01000193u;
  hash_state ^= hash_state >> 15;
}

static void hash_result(u32 domains) {
  u32 content_sum = 0, domain_sum = 0, holder_sum = 0;
  for (u32 id = 1; id < contents_end; id++) {
    const Content *content = &contents[id];
    if (content->refs == 0) continue;
    content_sum += (content->low ^ content->high * 31) * content->refs;
    domain_sum += (content->low | 1) * content->domains;
    for (u32 f = content->head; f != NONE; f = frames[f].next) holder_sum += (f + 1) * (content->low | 1);
  }
  hash_add(known);
  hash_add(distinct);
  hash_add(shared_contents);
  hash_add(content_sum);
  hash_add(domain_sum);
  hash_add(holder_sum);
  for (u32 d = 0; d < domains; d++) {
    hash_add(known_of[d]);
    hash_add(distinct_of[d]);
  }
}

static double cpu_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 8) return 2;
  u32 fills = (u32)atol(argv[1]), domains = (u32)atol(argv[2]), per_domain = (u32)atol(argv[3]);
  random_seed(atof(argv[6]));
  Fill *input = make_fills(fills, domains, per_domain, (u32)atol(argv[4]), atof(argv[5]));
  int ahead = strcmp(argv[7], "prefetch") == 0;

  double start = cpu_seconds();
  frames = calloc((size_t)domains * per_domain, sizeof *frames);
  known_of = calloc(domains, sizeof *known_of);
  distinct_of = calloc(domains, sizeof *distinct_of);
  index_slots = holder_slots = 1024;
  index_table = calloc(index_slots, sizeof *index_table);
  holders = calloc(holder_slots, sizeof *holders);
  for (u32 i = 0; i < fills; i += BATCH) {
    u32 count = fills - i < BATCH ? fills - i : BATCH;
    reserve();
    if (ahead) prefetch(input + i, count, per_domain);
    for (u32 j = 0; j < count; j++) apply(&input[i + j], per_domain);
  }
  double seconds = cpu_seconds() - start;
  hash_result(domains);
  printf("%.6f %08x\n", seconds, hash_state);
  return 0;
}
