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
type Server struct {
	*http.Server
	crowd *crowd
}

// NewServer is a server with this handler.
func NewServer(h http.Handler) *Server {
	crowd := &crowd{most: mostConnections, at: map[net.Conn]*list.Element{}}
	return &Server{crowd: crowd, Server: &http.Server{
		Handler: h, ConnState: crowd.changed, MaxHeaderBytes: mostHeader, ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
	}}
}

// Serve answers what comes to the listener, as http.Server does.
func (s *Server) Serve(l net.Listener) error { return s.Server.Serve(door{l, s.crowd}) }

// crowd bounds the number of connections. When there are too many, one of those that are over is closed: net/http
// leaves a connection whose request it did not read to the end open for half a second (closeWriteAndWait), and a flood
// that is refused unread makes thousands of these. Where there is none, the one that has been in its state for the
// longest is closed: deliveries of GitHub take milliseconds, so it is one that is idle, or that sends little by little
// to keep others out.
type crowd struct {
	most    int
	mu      sync.Mutex
	order   list.List // of net.Conn, by when their state changed
	leaving list.List // of net.Conn: nothing is read from them any more, nor written
	at      map[net.Conn]*list.Element
}

func (c *crowd) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	where, known := c.at[conn]
	switch {
	case state == http.StateClosed || state == http.StateHijacked:
		c.remove(conn)
	case known:
		c.order.MoveToBack(where)
	default:
		c.at[conn] = c.order.PushBack(conn)
		if len(c.at) > c.most {
			oldest := c.leaving.Front()
			if oldest == nil {
				oldest = c.order.Front()
			}
			conn := oldest.Value.(net.Conn)
			c.remove(conn)
			_ = conn.Close()
		}
	}
}

// leaves says that everything was said over the connection.
func (c *crowd) leaves(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.at[conn]; known {
		c.remove(conn)
		c.at[conn] = c.leaving.PushBack(conn)
	}
}

func (c *crowd) remove(conn net.Conn) {
	if where, known := c.at[conn]; known {
		c.order.Remove(where)
		c.leaving.Remove(where) // where is in one of them, and Remove leaves the other as it is
		delete(c.at, conn)
	}
}

// door is a listener whose connections tell the crowd when they leave.
type door struct {
	net.Listener
	crowd *crowd
}

func (d door) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &guest{tcp, d.crowd}, err
	}
	return conn, err
}

type guest struct {
	*net.TCPConn
	crowd *crowd
}

// CloseWrite is what net/http calls before it waits for the other side to have read the answer.
func (g *guest) CloseWrite() error {
	g.crowd.leaves(g)
	return g.TCPConn.CloseWrite()
}
