import { expect, test } from "vitest";

import { proxyFromEnvironment } from "../../src/config/proxy.ts";

const erp = "https://erp.example.com/Sage300WebApi";
const proxy = "http://proxy.example.com:3128";

test.each([
  { name: "HTTPS_PROXY for https", env: { HTTPS_PROXY: proxy } },
  { name: "small letters first", env: { https_proxy: proxy, HTTPS_PROXY: "http://other" } },
  { name: "an address without protocol", env: { HTTPS_PROXY: "proxy.example.com:3128" } },
  { name: "NO_PROXY with another port", env: { HTTPS_PROXY: proxy, NO_PROXY: "erp.example.com:8443" } },
  { name: "NO_PROXY with a name that only ends alike", env: { HTTPS_PROXY: proxy, NO_PROXY: "ple.com" } },
])("the environment's proxy is used: $name", ({ env }) => {
  expect(proxyFromEnvironment(erp, env)).toBe(proxy);
});

test("HTTP_PROXY is for http", () => {
  expect(proxyFromEnvironment("http://erp.example.com", { HTTP_PROXY: proxy })).toBe(proxy);
});

test.each([
  { name: "HTTP_PROXY for https", env: { HTTP_PROXY: proxy } },
  { name: "an empty setting", env: { HTTPS_PROXY: "" } },
  { name: "NO_PROXY with a host", env: { HTTPS_PROXY: proxy, NO_PROXY: "a.example, erp.example.com" } },
  { name: "NO_PROXY with a domain", env: { HTTPS_PROXY: proxy, NO_PROXY: ".example.com" } },
  { name: "NO_PROXY with all", env: { HTTPS_PROXY: proxy, no_proxy: "*" } },
  { name: "NO_PROXY with the port in use", env: { HTTPS_PROXY: proxy, NO_PROXY: "example.com:443" } },
])("the environment's proxy is not used: $name", ({ env }) => {
  expect(proxyFromEnvironment(erp, env)).toBeUndefined();
});

test("this machine is reached without a proxy", () => {
  expect(proxyFromEnvironment("http://127.0.0.1:8080/api/", { HTTP_PROXY: proxy })).toBeUndefined();
});
