import type { App } from "cdktf";
import { LocalState } from "../../lib";
import { Cart, type CartProps, CartsStack, type CartsStackProps } from "../../lib/carts";
import { httpCheck, type Job } from "../../lib/nomad";
import { type PlatformContract, type PlatformStatic, remotePlatform } from "../../lib/platform";
import { Template } from "../../lib/testing";
import { testApp } from "../support/synth";

export const environment = { name: "dev", state: new LocalState() };

export const platformStatic: PlatformStatic = {
  environment: "dev",
  products: ["vault", "consul", "nomad"],
  addresses: {
    vault: { machine: "https://vault.example.com:8200", people: "https://vault.example.com" },
    consul: { machine: "https://consul.example.com:8501", people: "https://consul.example.com" },
    nomad: { machine: "https://nomad.example.com:4646", people: "https://nomad.example.com" },
  },
  datacenter: "dc1",
  nomadRegion: "global",
  appsDomain: "apps.example.com",
  kvMount: "secret",
  workloads: {
    vaultMount: "jwt-nomad",
    vaultRole: "nomad-workloads",
    consulMethod: "nomad-workloads",
    vaultClaim: "unique-id",
  },
  namespaces: ["default", "shop", "pay"],
  nodePools: ["default"],
  teams: {
    shop: {
      namespace: "shop",
      services: ["shop", "shop-*"],
      hosts: ["shop"],
      entrances: { shop: "host-shop" },
      secretsPath: "shop",
    },
    pay: { namespace: "pay", services: ["pay-*"], hosts: ["pay"], entrances: { pay: "host-pay" }, secretsPath: "pay" },
  },
  meshProtocol: "http",
};

export function platform(part: Partial<PlatformStatic> = {}): PlatformContract {
  return remotePlatform({ static: { ...platformStatic, ...part }, stackId: "dev-platform", state: environment.state });
}

export type Given = Partial<CartsStackProps>;

/** A stack with these Carts, in an app of its own unless one is given. */
export function stackOf(carts: readonly Cart[], given: Given & { readonly app?: App; readonly id?: string } = {}) {
  const { app = testApp(), id = "dev-carts", ...props } = given;
  return new CartsStack(app, id, { environment, platform: platform(), carts, ...props });
}

export function template(carts: readonly Cart[], given: Given = {}): Template {
  return Template.of(stackOf(carts, given));
}

/** A job of one group with one task in a container. */
export function web(id: string, part: Partial<Job["group"][string]> = {}): Job {
  return {
    id,
    group: {
      web: { task: { web: { driver: "docker", config: { image: `registry.example.com/${id}:1.0.0` } } }, ...part },
    },
  };
}

export const health = httpCheck("/health");

/** A Cart of one service of its own name, with more of what is given. */
export function cart(name: string, props: Partial<CartProps> = {}): Cart {
  return new Cart(name, { jobs: web(name), provides: { name, port: 8080, health }, ...props });
}
