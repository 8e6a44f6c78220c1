package exporter

import (
	"errors"
	"fmt"
	"os"

	"github.com/lambdaxray/lambdaxray/exporter/internal/udp"
	"github.com/lambdaxray/lambdaxray/mapping"
)

// Option configures an [Exporter].
type Option interface{ apply(config) config }

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

type config struct {
	mapper  *mapping.Mapper
	emitter Emitter
	address string
}

// newConfig applies opts over the defaults. Only the emitter that is used is
// made: with [WithEmitter], AWS_XRAY_DAEMON_ADDRESS is not read.
func newConfig(opts []Option) (config, error) {
	var c config
	for _, o := range opts {
		c = o.apply(c)
	}
	if c.mapper == nil {
		c.mapper = mapping.New()
	}
	if c.emitter != nil {
		if c.address != "" {
			return c, errors.New("exporter: WithDaemonAddress has no meaning beside WithEmitter; leave one of them out")
		}
		return c, nil
	}
	source := "WithDaemonAddress"
	if c.address == "" {
		source, c.address = udp.EnvAddress, os.Getenv(udp.EnvAddress)
	}
	address := udp.DefaultAddress
	if c.address != "" {
		var err error
		if address, err = udp.ParseAddress(source, c.address); err != nil {
			return c, fmt.Errorf("exporter: %w", err)
		}
	}
	c.emitter = newUDPEmitter(address)
	touchInitialized(initializedFile)
	return c, nil
}

// WithEmitter sends the documents through e in place of the X-Ray daemon. The
// Exporter owns e: its Shutdown shuts e down.
func WithEmitter(e Emitter) Option {
	return optionFunc(func(c config) config {
		c.emitter = e
		return c
	})
}

// WithDaemonAddress sends the documents to the X-Ray daemon at addr, in any
// form that AWS_XRAY_DAEMON_ADDRESS takes, and takes precedence over it. An
// empty addr changes nothing.
func WithDaemonAddress(addr string) Option {
	return optionFunc(func(c config) config {
		c.address = addr
		return c
	})
}

// WithMapper maps the spans with m. The default is mapping.New().
func WithMapper(m *mapping.Mapper) Option {
	return optionFunc(func(c config) config {
		c.mapper = m
		return c
	})
}
