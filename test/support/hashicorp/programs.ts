import { findTool } from "../tools";

/** What a suite with the three servers needs. */
export const productPrograms = { vault: findTool("vault"), consul: findTool("consul"), nomad: findTool("nomad") };
