package config

import (
	"net/http"

	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

func init() {
	// Tracing.
	xray.Configure(xray.Config{LogLevel: "info", LogFormat: "%Msg"})
	_ = xray.Configure(xray.Config{
		LogLevel: "warn",
	})
	xray.Configure(xray.Config{LogLevel: level(), ServiceVersion: "1"})
}

func level() string { return "debug" }

var (
	client = xray.Client(nil)
	own    = xray.Client(http.DefaultClient)
	rt     = &http.Client{Transport: xray.RoundTripper(http.DefaultTransport)}
)
