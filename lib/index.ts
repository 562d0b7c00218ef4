export * from "./core";
export * from "./infrastructure";
export * from "./layer";
