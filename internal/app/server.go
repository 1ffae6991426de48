package app

import (
	"container/list"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// mostConnections is how many connections there are at a time. Each takes about 40 KB, whatever comes over it.
	mostConnections = 512
	// mostHeader is what the lines above a body may take together. GitHub's are below 2 KB, and proxies add to them.
	mostHeader = 16 << 10
)

// Server is an HTTP server for strangers: nothing that one sends, and no time that one takes, costs more than a bounded
// part of the memory.
func Server(h http.Handler) *http.Server {
	crowd := &crowd{most: mostConnections, at: map[net.Conn]*list.Element{}}
	return &http.Server{
		Handler: h, ConnState: crowd.changed, MaxHeaderBytes: mostHeader, ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
	}
}

// crowd bounds the number of connections. When there are too many, the one that has been in its state for the longest
// is closed: deliveries of GitHub take milliseconds, so it is one that is idle, or that sends little by little to keep
// others out.
type crowd struct {
	most  int
	mu    sync.Mutex
	order list.List // of net.Conn, by when their state changed
	at    map[net.Conn]*list.Element
}

func (c *crowd) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	where, known := c.at[conn]
	switch {
	case state == http.StateClosed || state == http.StateHijacked:
		if known {
			c.order.Remove(where)
			delete(c.at, conn)
		}
	case known:
		c.order.MoveToBack(where)
	default:
		c.at[conn] = c.order.PushBack(conn)
		if c.order.Len() > c.most {
			oldest := c.order.Remove(c.order.Front()).(net.Conn)
			delete(c.at, oldest)
			_ = oldest.Close()
		}
	}
}
