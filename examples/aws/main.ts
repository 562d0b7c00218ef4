// Two environments in one account: a small one to try out, and one to run a company on.
import { App } from "cdktf";
import { summaryTable } from "cdktf-caravan";
import { production } from "./production";
import { small } from "./small";

const app = new App({ outdir: process.argv[2] });
// An account has one identity provider for an issuer: the small environment makes it.
const { oidcProviderArn } = small(app).state;
production(app, { oidcProviderArn });
app.synth();
console.log(summaryTable(app));
