#!/usr/bin/env node
import { main } from "./main";

main(process.argv.slice(2), { out: process.stdout, err: process.stderr }).then((code) => {
  process.exitCode = code;
});
