package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/cmd/bot/wiring"
	"github.com/slipway-dev/slipway/internal/web"
)

type sandboxCommand struct {
	Listen string `help:"Where the sandbox listens." default:"127.0.0.1:4100"`
}

func (c sandboxCommand) Run(s *streams) error {
	st, err := wiring.Open(s.ctx, wiring.StageOptions{
		Listen: c.Listen, Clock: time.Now, Log: zerolog.New(s.err).Level(zerolog.WarnLevel), Seed: wiring.FalcoLibs(), Poll: 10 * time.Second,
		Page: func(st *wiring.Stage) http.Handler {
			return web.Pages{Sandbox: st.Sandbox, URL: st.URL, People: []string{wiring.Manager, wiring.Maria, wiring.Max, wiring.Outsider}}.Handler()
		},
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, `A local GitHub with Slipway in it is running. It begins anew at every start.

  Open      %[1]s/-/%[2]s/issues/%[3]d   the tracking issue "libs 0.21.0"
  Clone     git clone %[1]s/%[2]s.git

On the page, comment as %[4]s, the release manager, one after the other:
  /release prepare, /release freeze, /release branch, /release rc, /release thaw
Two maintainers sign: comment /release approve as %[5]s and as %[6]s. Then, as %[4]s: /release cut
As %[7]s, an outsider, any of them is refused. /release help lists all commands. Ctrl-C ends.
`, st.URL, wiring.Libs, wiring.Tracking, wiring.Manager, wiring.Maria, wiring.Max, wiring.Outsider)
	<-s.ctx.Done()
	fmt.Fprintln(s.out, "Stopping ...")
	return st.Close()
}
