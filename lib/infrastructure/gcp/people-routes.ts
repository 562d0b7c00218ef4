/** Which host leads to which backend, by a name of ours. */
export type PeopleRoutes = Readonly<Record<string, { readonly host: string; readonly backendId: string }>>;

/**
 * What a URL map says: each host leads to its backend, and whoever asks for another host finds nothing. A map must name a
 * backend for those too; before it is asked Google's proxy answers 404.
 */
export function urlMapOf(routes: PeopleRoutes) {
  const all = Object.entries(routes);
  return {
    hostRule: all.map(([name, { host }]) => ({ hosts: [host], pathMatcher: name })),
    pathMatcher: all.map(([name, { backendId }]) => ({ name, defaultService: backendId })),
    defaultService: all[0]?.[1].backendId,
    defaultRouteAction: { faultInjectionPolicy: { abort: { httpStatus: 404, percentage: 100 } } },
  };
}

/** Sends whoever comes without TLS on to the same address with it. */
export const redirectMap = {
  defaultUrlRedirect: {
    httpsRedirect: true,
    stripQuery: false,
    redirectResponseCode: "MOVED_PERMANENTLY_DEFAULT",
  },
};

/**
 * TLS 1.2 and 1.3 with the ciphers that have forward secrecy:
 * https://cloud.google.com/load-balancing/docs/ssl-policies-concepts
 */
export const tlsPolicy = { profile: "RESTRICTED", minTlsVersion: "TLS_1_2" };
