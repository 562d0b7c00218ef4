import { imageRules } from "../../../lib/policy/aws/images";
import { testRules } from "../rule-examples";

const lookup = (attributes: object) => ({ data: { aws_ami: { a: attributes } } });
const template = (attributes: object) => ({ resource: { aws_launch_template: { t: attributes } } });

testRules(imageRules, {
  "aws-ami-owner": {
    breaks: { "a name alone": [lookup({ name_regex: "^debian" }), "data.aws_ami.a owners: nothing"] },
    holds: {
      "an owner": lookup({ owners: ["136693071363"] }),
    },
    exempts: { "an id": lookup({ filter: [{ name: "image-id", values: ["ami-0123456789abcdef0"] }] }) },
  },
  "aws-image-pinned": {
    breaks: {
      "the newest of a name": [
        lookup({ owners: ["136693071363"], name_regex: "^debian-12", most_recent: true }),
        "data.aws_ami.a most_recent: true",
      ],
      "a parameter that AWS moves on": [
        template({ image_id: "resolve:ssm:/aws/service/debian/release/12/latest/amd64" }),
        'aws_launch_template.t image_id: "resolve:ssm:/aws/service/debian/release/12/latest/amd64"',
      ],
      "a parameter for an instance": [
        { resource: { aws_instance: { i: { ami: "resolve:ssm:golden" } } } },
        'aws_instance.i ami: "resolve:ssm:golden"',
      ],
    },
    holds: { "an id": template({ image_id: "ami-0123456789abcdef0" }), "one image": lookup({ most_recent: false }) },
  },
});
