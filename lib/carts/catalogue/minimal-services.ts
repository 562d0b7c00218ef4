import { canary, httpCheck, type Job } from "../../nomad";
import { Cart } from "../cart";
import { type CatalogueProps, catalogueImages, type ExposedProps, exposed, passed, placed } from "./common";

export interface MinimalServicesProps extends CatalogueProps, ExposedProps {
  /** Allocations of the one that is called. @default 2 */
  readonly count?: number;
}

/**
 * Two services that do next to nothing: `<name>-front` calls `<name>-back` and answers with what it said. Whoever sees both
 * names in the answer has seen discovery, the mesh, an intention and a route work.
 */
export class MinimalServices extends Cart {
  readonly front: string;
  readonly back: string;

  constructor(name = "minimal", props: MinimalServicesProps = {}) {
    const { count = 2 } = props;
    const front = `${name}-front`;
    const back = `${name}-back`;
    const job = (id: string, instances: number, env: Readonly<Record<string, string>>): Job => ({
      id,
      ...placed(props),
      ...canary(),
      group: {
        service: {
          count: instances,
          task: {
            service: {
              driver: "docker",
              config: { image: props.image ?? catalogueImages.minimalService },
              env: { NAME: id, LISTEN_ADDR: "127.0.0.1:9090", ...env },
              resources: props.resources ?? { cpu: 100, memory: "64MiB" },
            },
          },
        },
      },
    });
    const health = httpCheck("/health");
    super(name, {
      jobs: [job(front, 1, { UPSTREAM_URIS: "http://127.0.0.1:9091" }), job(back, count, {})],
      provides: [
        {
          name: front,
          job: front,
          port: 9090,
          health,
          ...(props.allows === undefined ? {} : { allows: props.allows }),
        },
        { name: back, job: back, port: 9090, health },
      ],
      consumes: { job: front, service: back, localPort: 9091 },
      ...exposed(props, front),
      ...passed(props),
    });
    this.front = front;
    this.back = back;
  }
}
