import { App } from "cdktf";
import { summaryTable } from "cdktf-caravan";
import { awsEnvironment } from "./aws";

const app = new App();

awsEnvironment(app, {
  name: "prod",
  accountId: "123456789012",
  region: "eu-central-1",
  images: { x86_64: "ami-0123456789abcdef0" },
  repository: "acme/platform",
  domain: "caravan.example.com",
  bootstrap: process.env["CARAVAN_BOOTSTRAP"] === "1",
});

app.synth();
console.log(summaryTable(app));
