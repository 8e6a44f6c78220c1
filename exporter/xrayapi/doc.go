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
// quota that ends them when X-Ray is down. The Emitter asks the same retryer
// before it sends an unprocessed document again, or a call that the SDK does not
// try twice (expired credentials, which are fetched anew; a proxy's 429), so one
// setting rules all.
//
// # Which failures are final
//
// A throttled call, a 5xx, a broken connection, a context that is done, expired
// credentials and an unprocessed document with a code of that sort are
// temporary. A call or a document that X-Ray understood and refused is final:
// the same bytes will be refused again. [Failure.Temporary] says which.
//
// The upload needs the permission xray:PutTraceSegments.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_PutTraceSegments.html
package xrayapi
