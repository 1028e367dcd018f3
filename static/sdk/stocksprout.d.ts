/** StockSprout Web SDK. The steps and the problems are the server's; see docs/sdk.md. */
export declare const VERSION: string;

/** Begin for one person: where they stand is asked at once, and `onStep` is told. */
export declare function createPrefill(options: PrefillOptions): PrefillFlow;

interface CommonOptions {
  /** The person's `user_id`, the one the client token was made for. */
  userId: string;
  /** Where `/api/v1/` is; by default where this module was loaded from. No slash at its end. */
  baseUrl?: string;
  /** By default Plaid's own. */
  plaidScriptUrl?: string;
  /** Of Plaid's window, ISO 639-1. */
  language?: string;
  /** Where a bank with a site of its own leads back to; one that is listed for your company. */
  redirectUri?: string;
  /** Plaid's window opens, and the person may leave the page: keep this, if you have `redirectUri`. */
  onLink?(link: OpenedLink): void;
  /** On the page of `redirectUri`: what `onLink` was told, and the whole address. */
  resume?: OpenedLink & { receivedRedirectUri: string };
  /** The step the person is at; called again with the same step where something was refused. */
  onStep?(step: Step): void;
  /** What is known for the form; called whenever the step is `review`. */
  onData?(prefill: Prefill): void;
  onError?(problem: Problem): void;
  /** Each answer, for a log of yours; no personal data. */
  onRequest?(request: RequestNote): void;
}

export interface OpenedLink {
  linkToken: string;
  sessionId: string;
  kind: "layer" | "link" | "update";
}

/** Give a token, or a way to get one; with `getToken` an ended token is replaced by a new one. */
export type PrefillOptions = CommonOptions &
  (
    | { token: string; getToken?: () => string | Promise<string> }
    | { token?: undefined; getToken: () => string | Promise<string> }
  );

/**
 * One person's flow. Methods never reject for what the server refuses: `onError` is told. One
 * thing is done after the other, and a second press of the same button joins the first.
 */
export interface PrefillFlow {
  /** At `open_layer`, `submit_date_of_birth`, `verify_phone`, and to correct it at `enter_code`. */
  start(person?: { phoneNumber?: string }): Promise<void>;
  /** At `submit_date_of_birth`, and at `verify_phone` with the person's agreement. */
  giveDateOfBirth(date: IsoDate, options?: { instructionsAccepted?: boolean }): Promise<void>;
  /** At `enter_code`: six digits. */
  enterCode(code: string): Promise<void>;
  /** At `enter_code`: one more text, if `resend_at` is over. */
  resend(): Promise<void>;
  /** At `open_link`, `reconnect`, `type_it`, and at `review` where `optional` names `open_link`. */
  openLink(): Promise<void>;
  /** Go on without the present step. */
  skip(): Promise<void>;
  /** Keep what the person typed: values by path, such as `personal_info.first_name`. */
  edit(changes: Record<string, unknown>): Promise<void>;
  /** What is known now; undefined after a problem. */
  getPrefill(): Promise<Prefill | undefined>;
  /** Close Plaid's window, stop all requests, forget the person. */
  destroy(): void;
}

/** YYYY-MM-DD */
export type IsoDate = string;
/** A moment with its offset, such as 2026-11-16T17:00:00Z */
export type IsoMoment = string;

export type Step =
  | { action: "open_layer" }
  | { action: "submit_date_of_birth" }
  /** `sends_code` is false where the number is proven already: no text comes. */
  | { action: "verify_phone"; instructions: Instructions; sends_code?: boolean }
  | {
      action: "enter_code";
      session_id: string;
      resend_at: IsoMoment | null;
      expires_at: IsoMoment;
      attempts_left: number;
    }
  | { action: "open_link" }
  | { action: "type_it" }
  | { action: "review"; optional?: "open_link"[] }
  | { action: "reconnect"; item_id: string; optional?: "review"[] };

/** What the person has to read and agree to before a text is sent. */
export interface Instructions {
  text: string;
  text_version: string;
}

export interface Prefill {
  user_id: string;
  personal_info: Partial<Record<PersonalField, string>>;
  addresses: Address[];
  employment: Record<string, unknown>;
  financial_info: Record<string, unknown>;
  /** By path; a list such as `addresses` comes whole from one source. */
  provenance: Record<string, Provenance>;
  /** How much of an application form is known, 0 to 1. */
  coverage: string;
  next_step: { action: string };
}

export type PersonalField =
  | "first_name"
  | "middle_name"
  | "last_name"
  | "email"
  | "phone_number"
  | "date_of_birth"
  | "ssn_last4";

export interface Address {
  street1: string;
  street2: string;
  city: string;
  region: string;
  postal_code: string;
  country: string;
  kind: string;
}

export interface Provenance {
  source: "user" | "phone" | "layer" | "bank" | "bureau" | "tenant";
  obtained_at: IsoMoment;
  confidence: string;
}

/** RFC 9457, and our stable `code`. `status` is 0 where it is the browser's own problem. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  /** The server's, or `network`, `script_blocked`, `missing`, `not_expected`, `return_refused`. */
  code: string;
  /** A sentence for the person. */
  detail: string;
  fields?: Record<string, string>;
  request_id?: string;
  /** Seconds, where it helps to come again. */
  retry_after?: number;
}

export interface RequestNote {
  method: "GET" | "POST" | "PATCH";
  /** Below `/api/v1/`. */
  path: string;
  /** 0 where there was no answer. */
  status: number;
}
