package awsxraylambdaexporter

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/xray"
)

// client returns an X-Ray client and a function that closes its idle
// connections. It may ask the instance metadata service for the region. The
// Collector's version goes into the user agent.
func (c *AWSConfig) client(ctx context.Context, version string) (*xray.Client, func(), error) {
	cfg, err := c.load(ctx)
	if err != nil {
		return nil, nil, err
	}
	transport, err := c.transport(cfg.HTTPClient)
	if err != nil {
		return nil, nil, err
	}
	cfg.HTTPClient = &http.Client{
		Transport: transport,
		Timeout:   time.Duration(c.RequestTimeoutSeconds) * time.Second,
		// A redirect would have to be signed anew.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	cfg.Retryer = func() aws.Retryer {
		return retry.AddWithMaxAttempts(retry.NewStandard(), c.MaxRetries+1)
	}
	cfg.APIOptions = append(cfg.APIOptions, awsmiddleware.AddUserAgentKeyValue("awsxraylambda", version))
	if c.RoleARN != "" {
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), c.RoleARN,
			func(o *stscreds.AssumeRoleOptions) {
				if c.ExternalID != "" {
					o.ExternalID = &c.ExternalID
				}
			}))
	}
	// The endpoint is X-Ray's alone. In cfg it would be that of STS too.
	client := xray.NewFromConfig(cfg, func(o *xray.Options) {
		if c.Endpoint != "" {
			o.BaseEndpoint = &c.Endpoint
		}
	})
	return client, transport.CloseIdleConnections, nil
}

// load reads the environment and the shared configuration files as all AWS SDKs
// do; what the Collector's configuration says goes first.
func (c *AWSConfig) load(ctx context.Context) (aws.Config, error) {
	opts := []func(*config.LoadOptions) error{config.WithHTTPClient(awshttp.NewBuildableClient())}
	switch {
	case c.Region != "":
		opts = append(opts, config.WithRegion(c.Region))
	case !c.LocalMode:
		opts = append(opts, config.WithEC2IMDSRegion(func(o *config.UseEC2IMDSRegion) {
			o.Client = imds.New(imds.Options{Retryer: retry.AddWithMaxAttempts(retry.NewStandard(), c.IMDSRetries+1)})
		}))
	}
	if c.Profile != "" {
		opts = append(opts, config.WithSharedConfigProfile(c.Profile))
	}
	if len(c.SharedCredentialsFile) > 0 {
		opts = append(opts, config.WithSharedCredentialsFiles(c.SharedCredentialsFile))
	}
	if c.CertificateFilePath != "" {
		f, err := os.Open(c.CertificateFilePath)
		if err != nil {
			return aws.Config{}, fmt.Errorf("certificate_file_path: %w", err)
		}
		defer f.Close()
		opts = append(opts, config.WithCustomCABundle(f))
	}
	cfg, err := config.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return aws.Config{}, errors.New("region: not set, and found neither in AWS_REGION nor in the shared configuration")
	}
	return cfg, nil
}

// transport returns the transport of the loaded client, which has the
// certificates of AWS_CA_BUNDLE, with the settings of the configuration. It is a
// transport of the exporter's own, so that Shutdown can close it.
func (c *AWSConfig) transport(loaded config.HTTPClient) (*http.Transport, error) {
	buildable, ok := loaded.(*awshttp.BuildableClient)
	if !ok {
		return nil, fmt.Errorf("AWS configuration: HTTP client is a %T", loaded)
	}
	t := buildable.GetTransport()
	t.MaxIdleConnsPerHost = c.NumWorkers
	if c.NoVerifySSL {
		if t.TLSClientConfig == nil {
			t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		t.TLSClientConfig.InsecureSkipVerify = true
	}
	if c.ProxyAddress != "" {
		proxy, err := url.Parse(c.ProxyAddress)
		if err != nil {
			return nil, fmt.Errorf("proxy_address: %w", err)
		}
		t.Proxy = http.ProxyURL(proxy)
	}
	return t, nil
}
