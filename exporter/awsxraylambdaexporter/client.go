package awsxraylambdaexporter

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
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
	"github.com/aws/smithy-go"
)

// client returns an X-Ray client and a function that closes its idle
// connections. It may ask the instance metadata service for the region. The
// Collector's version goes into the user agent.
func (c *AWSConfig) client(ctx context.Context, version string) (*xray.Client, func(), error) {
	cfg, err := c.load(ctx, c.IMDSRetries)
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
		return retry.AddWithMaxAttempts(retry.NewStandard(), c.MaxRetries+1) // 0 attempts: no limit
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
func (c *AWSConfig) load(ctx context.Context, imdsRetries int) (aws.Config, error) {
	cfg, err := c.loadProfile(ctx, imdsRetries, c.Profile)
	if c.profileMissing(err) {
		cfg, err = c.loadProfile(ctx, imdsRetries, "")
	}
	return cfg, err
}

func (c *AWSConfig) loadProfile(ctx context.Context, imdsRetries int, profile string) (aws.Config, error) {
	opts := []func(*config.LoadOptions) error{config.WithHTTPClient(awshttp.NewBuildableClient())}
	switch {
	case c.Region != "":
		opts = append(opts, config.WithRegion(c.Region))
	case !c.LocalMode && !metadataDisabled():
		opts = append(opts, config.WithEC2IMDSRegion(func(o *config.UseEC2IMDSRegion) {
			o.Client = imds.New(imds.Options{Retryer: retry.AddWithMaxAttempts(retry.NewStandard(), imdsRetries+1)})
		}))
	}
	if profile != "" {
		opts = append(opts, config.WithSharedConfigProfile(profile))
	}
	if files := given(c.SharedCredentialsFile); len(files) > 0 {
		opts = append(opts, config.WithSharedCredentialsFiles(files))
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
	if c.Region == "" && errors.As(err, new(*smithy.OperationError)) { // the metadata service's: nothing else is asked
		return aws.Config{}, fmt.Errorf("%w (%w)", errNoRegion, err)
	}
	if errors.As(err, new(config.SharedConfigProfileNotExistError)) {
		return aws.Config{}, fmt.Errorf("profile: %q is in no file of the shared configuration (~/.aws, AWS_CONFIG_FILE, shared_credentials_file): %w", profile, err)
	}
	if err != nil {
		return aws.Config{}, fmt.Errorf("AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return aws.Config{}, errNoRegion
	}
	return cfg, nil
}

// metadataDisabled reports whether the environment forbids to ask the instance.
func metadataDisabled() bool {
	return strings.EqualFold(os.Getenv("AWS_EC2_METADATA_DISABLED"), "true")
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
	t.MaxIdleConnsPerHost = c.workers()
	if c.NoVerifySSL {
		if t.TLSClientConfig == nil {
			t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		t.TLSClientConfig.InsecureSkipVerify = true
	}
	t.Proxy = proxyFromEnvironment
	if c.ProxyAddress != "" {
		proxy, err := url.Parse(string(c.ProxyAddress))
		if err != nil { // it has the password in it
			return nil, fmt.Errorf("proxy_address: %q is not a URL", c.ProxyAddress.String())
		}
		t.Proxy = http.ProxyURL(proxy)
	}
	return t, nil
}

// proxyFromEnvironment is http.ProxyFromEnvironment with errors that have no
// password in them.
func proxyFromEnvironment(r *http.Request) (*url.URL, error) {
	proxy, err := http.ProxyFromEnvironment(r)
	if err != nil {
		return nil, errors.New("HTTPS_PROXY or HTTP_PROXY is not a URL like http://host:port")
	}
	return proxy, nil
}
