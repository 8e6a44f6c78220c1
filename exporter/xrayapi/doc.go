// Package xrayapi uploads segment documents to X-Ray's PutTraceSegments API,
// where no X-Ray daemon runs.
//
// An [Emitter] packs documents into calls of at most [MaxDocuments], makes
// several calls at a time, reads what each answer leaves unprocessed, sends
// again what may still succeed, and returns everything else as one [PutError].
//
//	cfg, err := config.LoadDefaultConfig(ctx)
//	if err != nil {
//		return err
//	}
//	e, err := exporter.New(exporter.WithEmitter(xrayapi.New(xray.NewFromConfig(cfg))))
//
// # What the AWS SDK decides
//
// Credentials, roles, region, endpoint, FIPS, proxies and certificates are the
// client's: whatever config.LoadDefaultConfig reads (AWS_REGION,
// AWS_USE_FIPS_ENDPOINT, AWS_ENDPOINT_URL_XRAY…) applies. So does its retryer:
// how often a call is tried, the backoff with jitter between tries, and the
// quota that ends them when X-Ray is down. The loop is the Emitter's, for what
// the SDK does not try again (expired credentials, which are fetched anew once
// for all calls that had them; an unprocessed document; a proxy's 429), and so
// that a call that waits leaves its place to others.
//
// # Which failures are final
//
// Only what X-Ray itself says of a call or a document: the same bytes will be
// refused again. An InvalidRequestException is, and a document that is left
// unprocessed with a code such as InvalidName. All else is temporary: a
// throttled call, a 5xx, a broken connection, a timeout, no credentials, a
// proxy's page with whatever status, an answer that is cut off, empty or longer
// than 1 MiB, and an answer of X-Ray's that keys or policies can mend (see
// [WithFinalDenials]). [Failure.Temporary] says which.
//
// Where an answer does not say which document it means, all that it may mean are
// sent again, in smaller calls if one of them is refused for good: X-Ray
// overwrites a document with itself. A call that is too large for whoever
// answers (413) is halved.
//
// The upload needs the permission xray:PutTraceSegments.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_PutTraceSegments.html
package xrayapi
