package main

import (
	"fmt"
	"os"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/app"
	"github.com/slipway-dev/slipway/internal/config"
	"github.com/slipway-dev/slipway/release/process"
)

// configuration reads the configuration of the server, from the environment alone where path is empty, and the App's
// private key.
func configuration(s *streams, path string) (cfg config.Config, private []byte, err error) {
	var data []byte
	if path != "" {
		if data, err = os.ReadFile(path); err != nil {
			return cfg, nil, fault{fmt.Sprintf("%s cannot be read: %v", path, err)}
		}
		if data == nil {
			data = []byte{}
		}
	}
	if cfg, err = config.Load(data, s.environment, process.Names()); err != nil {
		return cfg, nil, fault{"The configuration cannot be used:\n" + err.Error()}
	}
	if private, err = cfg.Key(); err != nil {
		return cfg, nil, fault{"The configuration cannot be used:\n" + err.Error()}
	}
	return cfg, private, nil
}

// logger writes to standard error, from the configured level on.
func logger(s *streams, cfg config.Config) zerolog.Logger {
	level, _ := zerolog.ParseLevel(cfg.Log)
	return zerolog.New(app.LogLines{To: s.err}).Level(level).With().Timestamp().Logger()
}
