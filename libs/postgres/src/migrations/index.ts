import { ManagementTables0001 } from "./0001-management-tables";
import { LogTables0002 } from "./0002-log-tables";
import { StatisticsTables0003 } from "./0003-statistics-tables";
import { JudgementTables0004 } from "./0004-judgement-tables";
import { CommandTables0005 } from "./0005-command-tables";
import { Events0006 } from "./0006-events";
import { KeysAndAudit0007 } from "./0007-keys-and-audit";
import { KeptAnswers0008 } from "./0008-kept-answers";
import { ExpiringSecrets0009 } from "./0009-expiring-secrets";
import { Inbound0010 } from "./0010-inbound";

/** Every migration, oldest first. An applied one is never changed: what follows from it is a new file at the end. */
export const MIGRATIONS = [
  ManagementTables0001,
  LogTables0002,
  StatisticsTables0003,
  JudgementTables0004,
  CommandTables0005,
  Events0006,
  KeysAndAudit0007,
  KeptAnswers0008,
  ExpiringSecrets0009,
  Inbound0010,
];
