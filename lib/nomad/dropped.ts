/**
 * Words that Nomad's clients know and its servers (1.11.3) do not store: what to do instead. A job that uses one would be
 * registered without it, so it is refused. `test/nomad/stored.real.test.ts` asks the server whether the list still holds.
 */
export const DROPPED: Readonly<Record<string, string>> = {
  "ChangeScript.runOnFirstRender": "remove it; it needs a later Nomad",
  "LogConfig.enabled": "use disabled",
  "NetworkResource.device": "name a hostNetwork on the port",
  "Resources.disk": "use ephemeralDisk of the group",
  "ServiceCheck.advertise": "remove it; it needs a later Nomad",
  "TaskGroup.maxClientDisconnect": "use disconnect.lostAfter",
  "TaskGroup.maxRunDuration": "remove it; it needs a later Nomad",
  "TaskGroup.preventRescheduleOnLost": "use disconnect.replace: false",
  "TaskGroup.stopAfterClientDisconnect": "use disconnect.stopOnClientAfter",
  "Vault.policies": "name a role, whose policies hold",
  "WorkloadIdentity.extraClaims": "remove it; it needs a later Nomad",
};
