import type { Frame } from '../views/line.js';
import type { Clock } from './clock.js';
import type { Feed } from './feed.js';
import { type CommandId, commandFor } from './keymap.js';
import { type Action, reduce } from './reduce.js';
import { viewRequest } from './view-request.js';
import { type InitialView, initialState, paceOf, screenName, type ViewState } from './view-state.js';

/** Commands that concern the program and not what it shows. */
export type ProgramCommand = Extract<CommandId, 'quit' | 'quitKeeping' | 'repaint' | 'suspend'>;

function isProgramCommand(command: CommandId): command is ProgramCommand {
  return command === 'quit' || command === 'quitKeeping' || command === 'repaint' || command === 'suspend';
}

/**
 * Holds the state and talks to the feed: asks for figures at the frame rate, and at once when a key changed what is
 * wanted. Figures go on being asked for while the view is paused, so that it can say how far the trace is ahead.
 */
export class Store {
  #state: ViewState;
  #asked = '';
  #nextId = 1;
  #cancelTimer: () => void = () => undefined;
  readonly #unsubscribe: () => void;

  /** @param changed is called after every change of the state */
  constructor(
    private readonly feed: Feed,
    private readonly clock: Clock,
    initial: InitialView,
    frame: Frame,
    private readonly changed: () => void,
  ) {
    this.#state = initialState(initial, frame, clock.now());
    this.#unsubscribe = feed.subscribe((snapshot) => this.#dispatch({ type: 'snapshot', snapshot }));
    this.#tick();
  }

  /** The state of the screen now. */
  get state(): ViewState {
    return this.#state;
  }

  /** Applies a key; answers the command if it is one that the program must do. */
  press(key: string): ProgramCommand | undefined {
    if (this.#state.filterBefore !== null && key !== 'ctrl-c') {
      this.#dispatch({ type: 'typed', key });
      return undefined;
    }
    const command = commandFor(screenName(this.#state), key);
    if (command === undefined) return undefined;
    if (isProgramCommand(command)) return command;
    this.#dispatch({ type: 'command', command });
    return undefined;
  }

  /** The terminal said whether somebody looks. */
  focus(isFocused: boolean): void {
    this.#dispatch({ type: 'focus', isFocused });
  }

  /** The window has another size, in cells. */
  resize(columns: number, rows: number): void {
    this.#dispatch({ type: 'resized', columns, rows });
  }

  /** Ends asking and listening. The feed stays open: it belongs to whoever made it. */
  stop(): void {
    this.#cancelTimer();
    this.#unsubscribe();
  }

  #dispatch(action: Action): void {
    const pace = paceOf(this.#state);
    this.#state = reduce(this.#state, action, this.clock.now());
    if (paceOf(this.#state) !== pace) {
      this.#cancelTimer();
      this.#tick();
    } else if (action.type !== 'tick' && this.#wanted() !== this.#asked) this.#ask();
    this.changed();
  }

  #tick(): void {
    this.#ask();
    this.#cancelTimer = this.clock.after(paceOf(this.#state), () => {
      this.#tick();
      const { message } = this.#state;
      const isWaiting = screenName(this.#state) === 'waiting';
      // Figures bring their own frames; without them the clock of the waiting screen and old messages need one.
      if (isWaiting || (message !== null && this.clock.now() >= message.untilMs)) this.#dispatch({ type: 'tick' });
    });
  }

  /** The present request without its number: what must differ before it is worth asking between two ticks. */
  #wanted(): string {
    return JSON.stringify(viewRequest(this.#state, 0));
  }

  #ask(): void {
    const id = this.#nextId++;
    this.#asked = this.#wanted();
    this.#state = reduce(this.#state, { type: 'asked', id }, this.clock.now());
    this.feed.request(viewRequest(this.#state, id));
  }
}
