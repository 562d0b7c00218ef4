import { describeBirthOnAzure } from "./support/birth-azure";

describeBirthOnAzure("a cluster of one server and a worker on Azure", 1);
