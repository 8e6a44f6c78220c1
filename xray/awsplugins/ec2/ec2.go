// Package ec2 says that the process runs on an instance of Amazon EC2.
package ec2

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/lambdaxray/lambdaxray/xray/internal/logger"
	"github.com/lambdaxray/lambdaxray/xray/internal/plugins"
)

// Origin is the type of the node.
const Origin = "AWS::EC2::Instance"

// endpoint is the instance's metadata service.
var endpoint = "http://169.254.169.254/latest/"

// timeout bounds all of Init. Where there is no metadata service, connections to
// it are not even refused.
const timeout = 2 * time.Second

// Init asks the instance's metadata service for its id and zone. Call it before
// the first segment. It takes two seconds at most; what goes wrong is logged.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html
func Init() {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	found, err := describe(ctx)
	if err != nil {
		logger.Errorf("awsplugins/ec2: %v", err)
		return
	}
	if late := plugins.Update(func(m *plugins.Metadata) {
		m.EC2 = found
		m.Origin = Origin
	}); late {
		logger.Errorf("awsplugins/ec2: Init after the first segment has no effect; call it first")
	}
}

func describe(ctx context.Context) (*plugins.EC2, error) {
	token, err := call(ctx, http.MethodPut, "api/token", "X-aws-ec2-metadata-token-ttl-seconds", "60")
	if err != nil { // an instance may allow version 1 of the service, without a token
		logger.Debugf("awsplugins/ec2: no token: %v", err)
	}
	text, err := call(ctx, http.MethodGet, "dynamic/instance-identity/document", "X-aws-ec2-metadata-token", string(token))
	if err != nil {
		return nil, err
	}
	var document struct {
		InstanceID       string `json:"instanceId"`
		AvailabilityZone string `json:"availabilityZone"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("instance identity document: %w", err)
	}
	return &plugins.EC2{InstanceID: document.InstanceID, AvailabilityZone: document.AvailabilityZone}, nil
}

func call(ctx context.Context, method, path, header, value string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, endpoint+path, nil)
	if err != nil {
		return nil, err
	}
	if value != "" {
		req.Header.Set(header, value)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, 64<<10))
}
