import { describeBirthOnGcp } from "./support/birth-gcp";

describeBirthOnGcp("a cluster of one server and a worker on Google Cloud", 1);
