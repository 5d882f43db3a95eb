// Command service is an HTTP service around package contact: updateContact and a way to read the
// contact back, on SQLite or PostgreSQL, with the browser form of the WASM build as its page.
//
//	go run .                                  in memory, with sample data
//	go run . --db contacts.db                 a SQLite file
//	DATABASE_URL=postgres://… go run .        PostgreSQL
//
// A file or PostgreSQL wants the command migrate first; --help lists the others.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/net/netutil"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := run(ctx, os.Args[1:], os.Getenv("DATABASE_URL"), os.Stdout, os.Stderr)
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "service:", printable(err))
	if errors.Is(err, errUsage) {
		os.Exit(2)
	}
	os.Exit(1)
}

var errUsage = errors.New("usage")

// cli is the command line.
type cli struct {
	DB    *string `name:"db" placeholder:"FILE" help:"SQLite file; without it and without DATABASE_URL all is in memory."`
	Serve struct {
		Addr    string        `default:"127.0.0.1:8080" help:"Address to listen on."`
		Metrics string        `placeholder:"ADDR" help:"Address to serve /metrics for Prometheus on; none without it."`
		Drain   time.Duration `default:"2s" help:"How long /readyz says no before a signal closes the listener."`
		Sample  bool          `help:"Store the sample contacts and tokens, whose secrets are public (always so in memory)."`
	} `cmd:"" default:"withargs" help:"Serve until a signal comes. This is what the program does without a command."`
	Migrate  struct{} `cmd:"" help:"Make the database's tables or bring them up to date."`
	NewToken struct {
		Team    contact.ID     `required:"" help:"Whose contacts the token is for."`
		Expires *time.Duration `placeholder:"720h" help:"How long the token is good; without it for ever."`
		Scopes  []string       `arg:"" help:"Such as partner:contacts:write; * stands for any part."`
	} `cmd:"" help:"Make a token and print it, once: the database holds only its hash."`
	Tokens struct{} `cmd:"" help:"List the tokens."`
	Revoke struct {
		ID string `arg:""`
	} `cmd:"" help:"Refuse the token with this id from now on."`
	Healthy struct {
		URL string `arg:"" default:"http://127.0.0.1:8080/readyz"`
	} `cmd:"" help:"Fail unless the service at the URL is ready: for a container, which has no shell."`
	Import struct {
		File string `arg:""`
	} `cmd:"" help:"Store the contacts of an NDJSON file that are not there yet."`
}

// parse returns the command line and its command.
func parse(args []string, databaseURL string, out io.Writer) (*cli, string, error) {
	c := new(cli)
	parser := kong.Must(c, kong.Name("service"), kong.Writers(out, out))
	words, err := parser.Parse(args)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", errUsage, err)
	}
	command, _, _ := strings.Cut(words.Command(), " ")
	file := ""
	if c.DB != nil {
		file = *c.DB
	}
	inEffect := func(scope string) bool {
		return contacthttp.HasScope([]string{scope}, contacthttp.ScopeUpdate) || contacthttp.HasScope([]string{scope}, contacthttp.ScopeRead)
	}
	for _, fault := range []struct {
		is   bool
		text string
	}{
		{c.DB != nil && file == "" || command == "revoke" && c.Revoke.ID == "" || command == "import" && c.Import.File == "", "a value is empty"},
		{file != "" && databaseURL != "", "both --db and DATABASE_URL are set: which database?"},
		{command != "serve" && file == "" && databaseURL == "", command + " wants a database that lasts: --db or DATABASE_URL"},
		{c.Serve.Drain < 0 || c.NewToken.Expires != nil && *c.NewToken.Expires <= 0, "no time is negative, and a token is good for some"},
		{slices.ContainsFunc(c.NewToken.Scopes, func(s string) bool { return !inEffect(s) }),
			"a scope without effect: " + contacthttp.ScopeUpdate + " and " + contacthttp.ScopeRead + " are known, and * for each part"},
	} {
		if fault.is {
			return nil, "", fmt.Errorf("%w: %s", errUsage, fault.text)
		}
	}
	c.DB = &file
	return c, command, nil
}

// run is the program: it serves until ctx ends.
func run(ctx context.Context, args []string, databaseURL string, out, logs io.Writer) error {
	c, command, err := parse(args, databaseURL, logs)
	if err != nil {
		return err
	}
	store, err := Open(*c.DB, databaseURL, command != "migrate" && command != "import")
	if err != nil {
		return err
	}
	defer store.Close()
	inMemory := *c.DB == "" && databaseURL == ""
	if command == "migrate" || inMemory {
		if err := store.Migrate(ctx); err != nil || command == "migrate" {
			return err
		}
	}
	if err := store.CheckSchema(ctx); err != nil {
		return err
	}
	switch command {
	case "new-token":
		now, expires := time.Now(), time.Time{}
		if life := c.NewToken.Expires; life != nil {
			expires = now.Add(*life)
		}
		bearer, token := makeToken(c.NewToken.Team, c.NewToken.Scopes, now, expires)
		if _, err := store.Insert(ctx, nil, []Token{token}); err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, bearer)
		return err
	case "tokens":
		return listTokens(ctx, store, out)
	case "revoke":
		err := store.Revoke(ctx, c.Revoke.ID)
		if errors.Is(err, contacthttp.ErrNotFound) {
			err = errors.New("there is no such token: the command tokens lists their ids")
		}
		return err
	case "healthy":
		resp, err := http.Get(c.Healthy.URL)
		if err == nil && resp.StatusCode != http.StatusOK {
			err = errors.New(resp.Status)
		}
		return err
	case "import":
		return importFile(ctx, store, c.Import.File, out)
	}
	sample := c.Serve.Sample || inMemory
	if sample {
		contacts, tokens := sampleData()
		if _, err := store.Insert(ctx, contacts, tokens); err != nil {
			return err
		}
	}
	return listenAndServe(ctx, c, store, sample, out, logs)
}

// maxConnections is how many clients may be connected at a time.
const maxConnections = 1024

// listenAndServe serves until ctx ends, and lets the requests that are under way finish.
func listenAndServe(ctx context.Context, c *cli, store *sqlStore, sample bool, out, logs io.Writer) error {
	log := slog.New(slog.NewJSONHandler(logs, nil))
	metrics, stop, err := newTelemetry(ctx, log, store)
	if err != nil {
		return err
	}
	defer stop(context.WithoutCancel(ctx))
	service := &Service{Store: store, Now: time.Now, Log: log}
	server := newServer(service.Handler(), log)
	listener, err := net.Listen("tcp", c.Serve.Addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	failed := make(chan error, 2)
	var second net.Listener
	if c.Serve.Metrics != "" {
		if second, err = net.Listen("tcp", c.Serve.Metrics); err != nil {
			return err
		}
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", metrics)
		private := newServer(mux, log)
		defer private.Close()
		go func() { failed <- private.Serve(second) }()
	}
	fmt.Fprintf(out, "listening on http://%s\n", listener.Addr())
	if second != nil {
		fmt.Fprintf(out, "metrics on http://%s/metrics\n", second.Addr())
	}
	if sample {
		fmt.Fprintf(out, "the form with a sample contact: http://%s/#contact=%s&token=%s\n", listener.Addr(), sampleContact, sampleToken)
	}
	go func() { failed <- server.Serve(netutil.LimitListener(listener, maxConnections)) }()

	if err := store.Sweep(ctx); err != nil && ctx.Err() == nil {
		return startError(err)
	}
	housekeeping := time.NewTicker(time.Minute)
	defer housekeeping.Stop()
	for {
		select {
		case err := <-failed:
			return err
		case <-housekeeping.C:
			if err := store.Sweep(ctx); err != nil && ctx.Err() == nil {
				log.Error("sweep", "error", printable(err))
			}
		case <-ctx.Done():
			// Readiness says no before the listener closes, so that a balancer sends nothing more.
			// Requests that are under way may finish.
			service.draining.Store(true)
			time.Sleep(c.Serve.Drain)
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
			defer cancel()
			return server.Shutdown(ctx)
		}
	}
}

func listTokens(ctx context.Context, store *sqlStore, out io.Writer) error {
	tokens, err := store.Tokens(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tTEAM\tCREATED\tEXPIRES\tSCOPES")
	for _, t := range tokens {
		expires := "never"
		if !t.Expires.IsZero() {
			expires = t.Expires.Format(time.RFC3339)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", t.ID, t.Team, t.Created.Format(time.RFC3339), expires, strings.Join(t.Scopes, " "))
	}
	return w.Flush()
}

// importBatch is how many contacts are stored in one transaction.
const importBatch = 200

// importFile stores the contacts of a file with one on each line, in batches, so that requests come in
// between. Contacts that are there already stay as they are, so an import that broke off is resumed by
// another of the same file. Its errors name the line, and hold no value.
func importFile(ctx context.Context, store *sqlStore, name string, out io.Writer) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxDocument+1)
	var batch []*contact.Contact
	line, read, inserted := 0, 0, 0
	for more := true; more; {
		if more = lines.Scan(); more {
			line++
			if len(bytes.TrimSpace(lines.Bytes())) == 0 {
				continue
			}
			var c *contact.Contact
			if c, err = contact.Parse(lines.Bytes()); err == nil {
				batch = append(batch, c)
			} else {
				err, more = fmt.Errorf("line %d: %w; the lines before it are stored", line, err), false
			}
		} else if err = lines.Err(); err != nil {
			err = fmt.Errorf("line %d: %w; the lines before it are stored", line+1, err)
		}
		if !more || len(batch) == importBatch {
			n, failed := store.Insert(ctx, batch, nil)
			if failed != nil {
				return fmt.Errorf("lines up to %d: %w", line, failed)
			}
			read, inserted, batch = read+len(batch), inserted+n, batch[:0]
		}
	}
	if err == nil {
		_, err = fmt.Fprintf(out, "%d contacts, %d of them new\n", read, inserted)
	}
	return err
}
