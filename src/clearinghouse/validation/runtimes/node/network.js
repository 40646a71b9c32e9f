/*
 * Sees attempts to reach a host whose name holds our token: name look-ups, connections, datagrams and fetch.
 *
 * http, https, http2 and tls all go through `net.Socket.prototype.connect` in the caller's own stack.
 */
'use strict';

const dgram = require('dgram');
const dns = require('dns');
const net = require('net');
const { said, wrap } = require('./hook.js');
const { hrefOf, isArray, ownValue, toLowerCase } = require('./saved.js');

const LOOKUPS = [
  'lookup',
  'resolve',
  'resolve4',
  'resolve6',
  'resolveAny',
  'resolveCaa',
  'resolveCname',
  'resolveMx',
  'resolveNaptr',
  'resolveNs',
  'resolvePtr',
  'resolveSoa',
  'resolveSrv',
  'resolveTxt',
];
const TrueURL = URL;
const hostnameOf = Function.prototype.call.bind(Object.getOwnPropertyDescriptor(URL.prototype, 'hostname').get);

/** Return the host that the arguments of a connect name. */
function hostOfConnect(args) {
  const first = isArray(args[0]) ? ownValue(args[0], 0) : args[0];
  if (first !== null && typeof first === 'object')
    return said(ownValue(first, 'host')) || said(ownValue(first, 'hostname'));
  return typeof args[1] === 'string' ? args[1] : '';
}

/** Return the host that the first argument of fetch names. */
function hostOfFetch(input) {
  let address = input;
  if (typeof input === 'object' && input !== null) {
    try {
      address = hrefOf(input);
    } catch {
      address = input.url; // A Request; naming its class here would load the whole of fetch in every run.
    }
  }
  return hostnameOf(new TrueURL(address));
}

/**
 * Install the hooks.
 *
 * @param {ReturnType<import('./hook.js').makeReporter>} reporter
 */
function watchNetwork(reporter) {
  const report = (event, host, above) => {
    if (reporter.carries(toLowerCase(host))) reporter.act('network', event, toLowerCase(host), above);
  };
  const firstText = (event) => (args, _, above) => report(event, said(args[0]), above);
  for (const name of LOOKUPS) {
    wrap(dns, name, firstText(`dns.${name}`));
    wrap(dns.promises, name, firstText(`dns.promises.${name}`));
    wrap(dns.Resolver.prototype, name, firstText(`dns.Resolver.${name}`));
    wrap(dns.promises.Resolver.prototype, name, firstText(`dns.promises.Resolver.${name}`));
  }
  wrap(net.Socket.prototype, 'connect', (args, _, above) => report('net.connect', hostOfConnect(args), above));
  const datagram = (event) => (args, _, above) => {
    for (let i = 1; i < args.length; i += 1) if (typeof args[i] === 'string') report(event, args[i], above);
  };
  wrap(dgram.Socket.prototype, 'send', datagram('dgram.send'));
  wrap(dgram.Socket.prototype, 'connect', datagram('dgram.connect'));
  if (typeof globalThis.fetch === 'function') {
    wrap(globalThis, 'fetch', (args, _, above) => report('fetch', hostOfFetch(args[0]), above));
  }
}

module.exports = { __proto__: null, watchNetwork };
