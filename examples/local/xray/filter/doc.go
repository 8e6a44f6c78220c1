// Package filter is X-Ray's filter expressions, which choose traces.
//
//	service("orders") { fault } AND annotation.tier = "gold" !partial
//
// The whole grammar of the developer guide is read: booleans alone, with ! or
// compared with true and false; numbers with = != < <= > >=; strings with = !=
// CONTAINS BEGINSWITH ENDSWITH, or alone, which asks whether there is one;
// annotation.key and annotation[key] with all of these; service(…){…},
// edge(…, …){…} and id(name: …, type: …, account.id: …); group.name and group.arn;
// rootcause.fault, .error and .responsetime with .service{…}, .entity{…} and
// .exception{…}; rootcause.json. AND, OR, NOT and parentheses join them; two terms
// side by side are joined by AND.
//
// What the words mean of a trace is what a [View] says. The package knows nothing
// of how traces are stored.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html
package filter
