import { randomUUID } from "node:crypto";
import type { Api } from "../../support/hashicorp/api";
import type { Servers } from "../../support/hashicorp/servers";
import type { Claims, Issuer } from "./issuer";

const REDIRECT = "http://localhost:8250/oidc/callback";
const NOMAD_REDIRECT = "http://localhost:4649/oidc/callback";

/** What `vault login -method=oidc` does, with a browser that is signed in as this person. */
export async function asPerson({ vault }: Servers, issuer: Issuer, person: Claims): Promise<Api> {
  const nobody = vault.as("");
  const client_nonce = randomUUID();
  const ask = { role: "people", redirect_uri: REDIRECT, client_nonce };
  const { data } = await nobody.must("POST", "auth/oidc/oidc/auth_url", ask);
  issuer.person = person;
  const { headers } = await fetch(data.auth_url, { redirect: "manual" });
  const back = new URL(headers.get("Location") ?? "").searchParams;
  back.set("client_nonce", client_nonce);
  const { auth } = await nobody.must("GET", `auth/oidc/oidc/callback?${back}`);
  return vault.as(auth.client_token);
}

/** What a pipeline does with the identity that its service gave it. */
export async function asPipeline({ vault }: Servers, jwt: string, role: string): Promise<Api> {
  const { auth } = await vault.as("").must("POST", "auth/jwt-github/login", { role, jwt });
  return vault.as(auth.client_token);
}

/** What `nomad login -method=people` does, with a browser that is signed in to Vault. */
export async function nomadAsPerson({ nomad }: Servers, inVault: Api): Promise<Api> {
  const nobody = nomad.as("");
  const common = { AuthMethodName: "people", RedirectURI: NOMAD_REDIRECT, ClientNonce: randomUUID() };
  const { AuthURL } = await nobody.must("POST", "acl/oidc/auth-url", common);
  const query = new URL(AuthURL).searchParams;
  const { code, state } = await inVault.must("GET", `identity/oidc/provider/people/authorize?${query}`);
  const login = { ...common, Code: code, State: state };
  const { SecretID } = await nobody.must("POST", "acl/oidc/complete-auth", login);
  return nomad.as(SecretID);
}

/** The three servers as somebody who signed in to Vault, by the tokens that a grant gives. */
export async function withGrant({ consul, nomad }: Servers, vault: Api, grant: string): Promise<Servers> {
  const take = async () => (await vault.must("GET", `identity/oidc/token/${grant}`)).data.token;
  const inConsul = await consul.as("").must("POST", "acl/login", { AuthMethod: "vault", BearerToken: await take() });
  const inNomad = await nomad.as("").must("POST", "acl/login", { AuthMethodName: "vault", LoginToken: await take() });
  return { vault, consul: consul.as(inConsul.SecretID), nomad: nomad.as(inNomad.SecretID) };
}
