export { type NamespaceRights, NomadJobAcl, type NomadJobAclProps } from "./job-acl";
export { NomadVariable, type NomadVariableProps } from "./variable";
export {
  NomadCsiVolume,
  type NomadCsiVolumeProps,
  NomadHostVolume,
  type NomadHostVolumeProps,
  type VolumeCapability,
} from "./volumes";
