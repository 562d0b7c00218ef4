import { describeBirthOnAzure } from "./support/birth-azure";

describeBirthOnAzure("a cluster of three servers and a worker on Azure", 3);
