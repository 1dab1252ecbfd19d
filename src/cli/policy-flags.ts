/** Options of policies, which every command that runs them has. */
import { type Command, Option } from 'commander';
import { ESX_KNOBS } from '../policy/esx-knobs.js';
import { KSM_KNOBS } from '../policy/ksm-knobs.js';
import { SATORI_KNOBS } from '../policy/satori-knobs.js';
import { XLH_KNOBS } from '../policy/xlh-knobs.js';
import { knobHelp } from './knob-options.js';
import { collect } from './option-values.js';
import { MEMORY_LIMIT_DEFAULT, REGION_DEFAULT } from './policy-options.js';

export const SETTLE_HELP = 'at the end let scanners go over the memory until a pass finds nothing new';
/** What a view or a report runs where nobody says anything. */
const POLICIES_DEFAULT = 'dlps,oracle';

/** Adds `--labels`: only to commands that show names, for elsewhere it would be believed and do nothing. */
export function labelsFlag(command: Command): Command {
  return command.option(
    '--labels <files>',
    'label files that name pages, apart by commas (sharetop label); before those of the trace',
  );
}

/** Adds the options to a command; `policies`: those that run where nobody says anything. */
export function policyFlags(command: Command, policies = POLICIES_DEFAULT): Command {
  return command
    .addOption(
      new Option('--region <size>', 'shared region of dlps, satori: 5%, 16384 (frames), 64M, unlimited').default(
        REGION_DEFAULT,
      ),
    )
    .addOption(
      new Option('--region-victim <order>', 'who leaves a full region: sharers, clock, lru').default('sharers'),
    )
    .option('--region-curve', 'how large should the region be: dlps at 16 sizes, on a sample of the blocks')
    .addOption(new Option('--policies <names>', 'policies to run, the first one is shown').default(policies))
    .option('--policy <file>', 'a policy of your own, an ES module; may be given several times', collect)
    .option('--groups <groups>', 'trust groups: web=web1,web2;db=db1 (names or keys), or a file of such lines')
    .option('--price', 'run each policy a second time with all domains in one group: the price of isolation')
    .option('--ksm <knobs>', knobHelp('ksm', KSM_KNOBS))
    .option('--xlh <knobs>', knobHelp('xlh', XLH_KNOBS))
    .option('--esx <knobs>', knobHelp('esx', ESX_KNOBS))
    .option('--satori <knobs>', knobHelp('satori', SATORI_KNOBS))
    .addOption(
      new Option(
        '--memory-limit <size>',
        'what the model may hold: 2G, 50% of the memory; the rest is counted',
      ).default(MEMORY_LIMIT_DEFAULT),
    );
}
