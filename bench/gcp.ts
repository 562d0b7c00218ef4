// The production example on Google Cloud: `gcp.js <outdir>`.
import { App } from "cdktf";
import { production } from "../examples/gcp/production";

const [, , outdir] = process.argv;
const app = new App({ outdir });
production(app);
app.synth();
