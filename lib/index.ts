export * from "./core";
export * from "./layer";
