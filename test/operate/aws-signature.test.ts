import fc from "fast-check";
import { expect, test } from "vitest";
import { signedHeaders, uriEncoded } from "../../lib/operate/aws/signature";
import { sha256, signatureOf } from "../node/support/signature";

// The pair of keys with which AWS's documentation shows its own signatures.
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

test("signs AWS's own example as AWS does", () => {
  // GetVanilla of the Signature Version 4 test suite.
  const at = new Date("2015-08-30T12:36:00Z");
  const { authorization } = signedHeaders(
    { method: "GET", url: "https://example.amazonaws.com/" },
    { credentials, region: "us-east-1", service: "service", at },
  );
  expect(authorization).toBe(
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, " +
      "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
  );
});

test("signs any request as AWS computes it", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 20 });
  fc.assert(
    fc.property(text, fc.dictionary(text, text, { maxKeys: 4 }), text, fc.boolean(), (key, query, body, lent) => {
      const path = `/bucket/${key.split("/").map(uriEncoded).join("/")}`;
      const asked = Object.entries(query).map(([name, value]) => `${uriEncoded(name)}=${uriEncoded(value)}`);
      const url = `https://s3.eu-central-1.amazonaws.com${path}?${asked.join("&")}`;
      // A URL takes dots for steps; a key of nothing but dots is none of ours.
      fc.pre(new URL(url).pathname === path);
      const headers = signedHeaders(
        { method: "PUT", url, body, headers: { "Content-Type": "text/plain" } },
        {
          credentials: { ...credentials, ...(lent ? { sessionToken: "token" } : {}) },
          region: "eu-central-1",
          service: "s3",
        },
      );
      const traced = { method: "PUT", path, query: asked.join("&"), headers };
      const expected = signatureOf(traced, credentials.secretAccessKey, sha256(body));
      expect(headers["authorization"]).toContain(`Signature=${expected}`);
      expect(headers["x-amz-security-token"]).toBe(lent ? "token" : undefined);
      expect(JSON.stringify(headers)).not.toContain(credentials.secretAccessKey);
    }),
  );
});
