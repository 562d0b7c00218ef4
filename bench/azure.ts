// The production example on Azure: `azure.js <outdir>`.
import { App } from "cdktf";
import { production } from "../examples/azure/production";

const [, , outdir] = process.argv;
const app = new App({ outdir });
production(app);
app.synth();
