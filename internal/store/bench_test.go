package store_test

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/store"
)

func benchmarkEverywhere(b *testing.B, bench func(b *testing.B, url string)) {
	for _, p := range places() {
		if p.name != "sqlite in memory" {
			b.Run(p.name, func(b *testing.B) { bench(b, p.address(b)) })
		}
	}
}

func openForBench(b *testing.B, url string) *store.Store {
	s, err := store.Open(b.Context(), url, store.Options{})
	must(b, err)
	b.Cleanup(func() { must(b, s.Close()) })
	return s
}

// BenchmarkDeliver stores deliveries of 12 KB, each with its job, durably.
func BenchmarkDeliver(b *testing.B) {
	payload := bytes.Repeat([]byte("release "), 12<<10/8)
	benchmarkEverywhere(b, func(b *testing.B, url string) {
		s := openForBench(b, url)
		var guid atomic.Int64
		for _, writers := range []int{1, 16, 64} {
			b.Run(strconv.Itoa(writers)+" writers", func(b *testing.B) {
				var left atomic.Int64
				left.Store(int64(b.N))
				var all sync.WaitGroup
				for range writers {
					all.Go(func() {
						for left.Add(-1) >= 0 {
							_, err := s.Deliver(b.Context(), store.Delivery{
								GUID: fmt.Sprintf("72d3162e-cc78-11e3-81ab-%012d",
									guid.Add(1)), Event: "issue_comment", Action: "created",
								Installation: 1, RepoID: 7, Repo: "falcosecurity/libs", Payload: payload,
								ReceivedAt: time.Now(),
							})
							if err != nil {
								b.Error(err)
							}
						}
					})
				}
				all.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
			})
		}
	})
}

// BenchmarkAppend appends three entries at a time to one log.
func BenchmarkAppend(b *testing.B) {
	benchmarkEverywhere(b, func(b *testing.B, url string) {
		s := openForBench(b, url)
		after := 0
		for b.Loop() {
			must(b, s.Append(b.Context(), "a", after, entries(`{"step":"tag"}`, `{"sha":"3f2c1ab"}`, `{"phase":"cut"}`),
				store.Index{Repo: 7, Open: true}))
			after += 3
		}
	})
}

// BenchmarkWake is from Enqueue to the start of the work.
func BenchmarkWake(b *testing.B) {
	benchmarkEverywhere(b, func(b *testing.B, url string) {
		s := openForBench(b, url)
		started := make(chan bool)
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- s.Run(ctx, func(context.Context, store.Job) error { started <- true; return nil })
		}()
		n := 0
		for b.Loop() {
			must(b, s.Enqueue(b.Context(), release(strconv.Itoa(n)), time.Time{}))
			<-started
			n++
		}
		cancel()
		must(b, <-ended)
	})
}

// BenchmarkJobs stores deliveries and works them off at the same time.
func BenchmarkJobs(b *testing.B) {
	payload := bytes.Repeat([]byte("release "), 12<<10/8)
	benchmarkEverywhere(b, func(b *testing.B, url string) {
		s := openForBench(b, url)
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx, func(context.Context, store.Job) error { return nil }) }()
		var left atomic.Int64
		left.Store(int64(b.N))
		var all sync.WaitGroup
		b.ResetTimer()
		for range 16 {
			all.Go(func() {
				for n := left.Add(-1); n >= 0; n = left.Add(-1) {
					_, err := s.Deliver(b.Context(), store.Delivery{
						GUID: fmt.Sprintf("72d3162e-cc78-11e3-81ab-%012d",
							n), Event: "issue_comment", Action: "created",
						Installation: 1, RepoID: 7, Repo: "falcosecurity/libs", Payload: payload,
						ReceivedAt: time.Now(),
					})
					if err != nil {
						b.Error(err)
					}
				}
			})
		}
		all.Wait()
		must(b, s.Wait(b.Context()))
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
		cancel()
		must(b, <-ended)
	})
}

// BenchmarkOpen opens a new database, runs its queue and closes it, as hundreds of tests do.
func BenchmarkOpen(b *testing.B) {
	benchmarkEverywhere(b, func(b *testing.B, _ string) {
		for b.Loop() {
			b.StopTimer()
			url := places()[0].address(b)
			if b.Name() == "BenchmarkOpen/postgres" {
				url = server.Database(b)
			}
			b.StartTimer()
			s, err := store.Open(b.Context(), url, store.Options{})
			must(b, err)
			ctx, cancel := context.WithCancel(b.Context())
			ended := make(chan error, 1)
			ran := make(chan bool)
			go func() { ended <- s.Run(ctx, func(context.Context, store.Job) error { close(ran); return nil }) }()
			must(b, s.Enqueue(ctx, release("a"), time.Time{}))
			<-ran
			cancel()
			must(b, <-ended)
			must(b, s.Close())
		}
	})
}
