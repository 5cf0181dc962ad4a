import { expect, test } from "vitest";

import { isTlsFailure } from "../../src/runtime/tls-failure.ts";
import { certificateProblem } from "../../src/sage/connection-words.ts";

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes, and what OpenSSL and Node say besides. */
const codes = [
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_CRL",
  "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
  "CERT_SIGNATURE_FAILURE",
  "CRL_HAS_EXPIRED",
  "ERROR_IN_CERT_NOT_BEFORE_FIELD",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "CERT_REVOKED",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "PATH_LENGTH_EXCEEDED",
  "HOSTNAME_MISMATCH",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "EPROTO",
];

test.each(codes)("%s is a matter of TLS for both servers, and has words", (code) => {
  expect(isTlsFailure(code)).toBe(true);
  expect(certificateProblem(code, "")?.hint).toContain('"sage.');
});

test.each(["ECONNRESET", "ENOTFOUND", "EPIPE", "ETIMEDOUT", ""])("%s is not", (code) => {
  expect(isTlsFailure(code)).toBe(false);
  expect(certificateProblem(code, "")).toBeNull();
});
