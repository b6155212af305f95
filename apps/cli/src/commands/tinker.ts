import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { httpUrl, integerFrom } from "../parse-options.js";

export function tinkerCommand(finish: (exitCode: number) => void) {
  const command = new Command("tinker")
    .description("Training runs and checkpoints of a Tinker account. Needs TINKER_API_KEY.")
    .addHelpText("after", EXAMPLES);
  shared(command.command("runs"))
    .description("List training runs.")
    .addOption(limit("training runs"))
    .action(async (options) => {
      const { listRuns } = await import("../tinker-runs.js");
      await listRuns(options);
    });
  command.addCommand(checkpointsCommand(finish));
  return command;
}

function checkpointsCommand(finish: (exitCode: number) => void) {
  const command = new Command("checkpoints").description("List, delete, publish and download checkpoints.");
  shared(command.command("list"))
    .description("List checkpoints of all training runs, or of one.")
    .option("--run-id <id>", "of this training run only")
    .addOption(limit("checkpoints of all training runs"))
    .action(async (options) => {
      const { listCheckpoints } = await import("../tinker-checkpoints.js");
      await listCheckpoints(options);
    });
  shared(command.command("delete"))
    .description("Delete checkpoints for good: by their paths, or those of one training run.")
    .argument("[path...]", "tinker://…")
    .option("--run-id <id>", "all checkpoints of this training run")
    .addOption(
      new Option("--type <kind>", "with --run-id: only these").choices(["weights", "sampler_weights"] as const),
    )
    .option("--before <date>", "with --run-id: saved before this date, UTC (2026-01-31, 2026-01-31T08:00:00Z)", date)
    .option("--after <date>", "with --run-id: saved after this date, UTC", date)
    .option("-y, --yes", "do not ask")
    .action(async (paths, options) => {
      const { deleteCheckpoints } = await import("../tinker-checkpoints.js");
      finish(await deleteCheckpoints(paths, options));
    });
  shared(command.command("publish"))
    .description("Let anybody load a checkpoint.")
    .argument("<path>", "tinker://…")
    .action(async (path, options) => {
      const { publishCheckpoint } = await import("../tinker-checkpoints.js");
      await publishCheckpoint(path, options);
    });
  shared(command.command("unpublish"))
    .description("Make a checkpoint private again.")
    .argument("<path>", "tinker://…")
    .action(async (path, options) => {
      const { unpublishCheckpoint } = await import("../tinker-checkpoints.js");
      await unpublishCheckpoint(path, options);
    });
  shared(command.command("download"))
    .description("Fetch a checkpoint's archive and unpack it into a folder named after the checkpoint.")
    .argument("<path>", "tinker://…")
    .option("-o, --output <folder>", "the folder that it goes into", ".")
    .option("--force", "replace a folder that is there")
    .action(async (path, options) => {
      const { download } = await import("../tinker-checkpoints.js");
      await download(path, options);
    });
  return command;
}

function shared(command: Command) {
  return command
    .option("--base-url <url>", "another server than TINKER_BASE_URL or the hosted service", httpUrl)
    .option("--json", "print one JSON document");
}

function limit(what: string) {
  return new Option("--limit <n>", `most ${what} to list; 0 = all`).argParser(integerFrom(0)).default(20);
}

/** An ISO 8601 date, or date and time; UTC where it does not say. */
function date(text: string): Date {
  const isoDate = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text);
  const lacksZone = isoDate && text.includes("T") && !/(Z|[+-]\d{2}:\d{2})$/.test(text);
  const value = new Date(lacksZone ? `${text}Z` : text);
  if (!isoDate || Number.isNaN(value.getTime()))
    throw new InvalidArgumentError("It must be a date such as 2026-01-31.");
  return value;
}

const EXAMPLES = `
Examples:
  pka tinker runs
  pka tinker checkpoints list --run-id <id>
  pka tinker checkpoints delete tinker://<run>/weights/<name>
  pka tinker checkpoints delete --run-id <id> --type weights --before 2026-01-31
  pka tinker checkpoints download tinker://<run>/weights/<name> --output models`;
