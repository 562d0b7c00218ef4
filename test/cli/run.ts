import { main } from "../../lib/cli/main";

/** Runs the command in this process. */
export async function caravan(directory: string, ...args: string[]) {
  let [out, err] = ["", ""];
  const code = await main(args, {
    directory,
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
  });
  return { code, out, err };
}
