import { write } from "../out/event-log.kafka";

export const shortCut = write;
