import { isTlsFailure } from "../runtime/tls-failure.ts";

/** What the codes of a connection that failed mean; the rest is shown as it is. */
const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the name server does not answer",
  EAI_FAIL: "the name server does not answer",
  ECONNREFUSED: "nothing accepts connections there",
  ECONNRESET: "the connection was closed before the answer was complete",
  EPIPE: "the connection was closed before the answer was complete",
  EHOSTUNREACH: "there is no way to that host from here",
  ENETUNREACH: "there is no way to that network from here",
  ETIMEDOUT: "the host does not answer",
  ERR_ABORTED: "the run was stopped",
};

/** Why nothing, or nothing whole, came back, with the code for whoever searches for it. */
export function reasonOf(code: string, message: string): string {
  const [, proxyStatus] = /^Bad response: (\d{3})$/.exec(message) ?? [];
  if (proxyStatus !== undefined) {
    return `the proxy does not let the connection through (${proxyStatus}${proxyStatus === "407" ? ": it asks for a password" : ""})`;
  }
  if (code.startsWith("HPE_")) return `the answer is not valid HTTP (${code})`;
  const reason = reasons[code];
  return reason === undefined ? code : `${reason} (${code})`;
}

interface CertificateProblem {
  readonly reason: string;
  readonly hint: string;
}

const caHint =
  'Export the certificate authority that issued it as a PEM file and name the file in "sage.caFile".';

const certificateProblems: Readonly<Record<string, CertificateProblem>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    reason: "the certificate is signed by the server itself and not trusted",
    hint: 'If it is the right one, export it as a PEM file and name the file in "sage.caFile".',
  },
  SELF_SIGNED_CERT_IN_CHAIN: {
    reason: "the certificate comes from an authority that is not trusted here",
    hint: caHint,
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    reason: "the certificate comes from an authority that is not trusted here",
    hint: `${caHint} If it is there, IIS does not send the certificate in between: add that to the file too.`,
  },
  UNABLE_TO_GET_ISSUER_CERT: { reason: "the chain of certificates is incomplete", hint: caHint },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {
    reason: "the certificate comes from an authority that is not trusted here",
    hint: caHint,
  },
  CERT_HAS_EXPIRED: {
    reason: "the certificate has expired",
    hint: 'Renew it in IIS (and its authority in "sage.caFile"), or check the clock of this machine.',
  },
  CERT_NOT_YET_VALID: {
    reason: "the certificate is not valid yet",
    hint: "Check the clock of this machine and of the server.",
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    reason: "the certificate is made out for another host name",
    hint: 'Use a name that is in the certificate in "sage.url", or give the server a certificate for this one; "sage.caFile" does not help here.',
  },
};

const notTls: CertificateProblem = {
  reason: "the server does not speak TLS on this port",
  hint: 'Is the port in "sage.url" right? The one for http:// is another than the one for https://.',
};

const oldTls: CertificateProblem = {
  reason: "the server offers only a version of TLS before 1.2",
  hint: "Switch TLS 1.2 on at the server (Schannel); older versions do not protect the password.",
};

const nothingInCommon: CertificateProblem = {
  reason: "the server ends the TLS handshake",
  hint: "It offers only ciphers that are out of date, or it wants a client certificate, which this program has none of.",
};

/** What is wrong with the other side's TLS, and what to do about it; null when nothing is. */
export function certificateProblem(code: string, message: string): CertificateProblem | null {
  const known = certificateProblems[code];
  if (known !== undefined) return known;
  if (!isTlsFailure(code)) return null;
  if (/wrong version number|packet length too long|http request/i.test(message)) return notTls;
  if (/protocol version|unsupported protocol/i.test(message)) return oldTls;
  if (/handshake failure|no shared cipher|certificate required/i.test(message)) return nothingInCommon;
  return { reason: "no trusted connection could be made", hint: caHint };
}
