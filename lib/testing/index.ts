export { Match, Matcher } from "./match";
export { type Arguments, Template, TemplateError, type TemplateResource, Templates } from "./template";
