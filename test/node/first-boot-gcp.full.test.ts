import { describeBirthOnGcp } from "./support/birth-gcp";

describeBirthOnGcp("a cluster of three servers and a worker on Google Cloud", 3);
