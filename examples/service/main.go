// Command service is an HTTP service around package contact: updateContact and a way to read the
// contact back, on SQLite or PostgreSQL, with the browser form of the WASM build as its page.
//
//	go run .                                  in memory, with sample data
//	go run . -db contacts.db                  a SQLite file
//	DATABASE_URL=postgres://… go run .        PostgreSQL
//
// A file or PostgreSQL wants -migrate first. -new-token, -tokens, -revoke and -import work on them
// too, and end.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"golang.org/x/net/netutil"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := run(ctx, os.Args[1:], os.Getenv("DATABASE_URL"), os.Stdout, os.Stderr)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return
	}
	fmt.Fprintln(os.Stderr, "service:", printable(err))
	if errors.Is(err, errUsage) {
		os.Exit(2)
	}
	os.Exit(1)
}

var errUsage = errors.New("usage")

// usage is an error of the command line.
func usage(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errUsage}, args...)...)
}

// options is the command line.
type options struct {
	addr, metrics    string
	file, url        string // the database; neither is one in memory
	keyBytes         int64
	drain            time.Duration
	sample           bool
	migrate, tokens  bool // the commands: at most one of these five
	newToken, revoke string
	healthy          string
	importFile       string
	team             contact.ID // of the new token
	scopes           []string
	expires          time.Duration
}

func parseOptions(args []string, databaseURL string, out io.Writer) (*options, error) {
	c := &options{url: databaseURL}
	var team string
	flags := flag.NewFlagSet("service", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&c.addr, "addr", "127.0.0.1:8080", "address to listen on")
	flags.StringVar(&c.metrics, "metrics", "", "address to serve /metrics for Prometheus on; none without it")
	flags.StringVar(&c.file, "db", "", "SQLite file; without it and without DATABASE_URL all is in memory")
	flags.Int64Var(&c.keyBytes, "key-bytes", defaultKeyBytes, "bytes of one team's remembered answers to idempotency keys")
	flags.DurationVar(&c.drain, "drain", 2*time.Second, "how long /readyz says no before a signal closes the listener")
	flags.BoolVar(&c.sample, "sample", false, "store the sample contacts and tokens, whose secrets are public (always so in memory)")
	flags.BoolVar(&c.migrate, "migrate", false, "make the database's tables or bring them up to date, and end")
	flags.StringVar(&c.newToken, "new-token", "", "make a token with these scopes (space between them), print it and end")
	flags.StringVar(&team, "team", "", "the team of the -new-token")
	flags.DurationVar(&c.expires, "expires", 0, "how long the -new-token is good, such as 720h; 0 is for ever")
	flags.BoolVar(&c.tokens, "tokens", false, "list the tokens and end")
	flags.StringVar(&c.revoke, "revoke", "", "refuse the token with this id from now on, and end")
	flags.StringVar(&c.healthy, "healthy", "", "ask this URL, such as that of /readyz, and end: with 1 unless it answers 200")
	flags.StringVar(&c.importFile, "import", "", "store the contacts of an NDJSON file that are not there yet, and end")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil, err
	} else if err != nil {
		return nil, usage("see -help") // flag has said what is wrong
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })

	var commands []string
	for _, name := range []string{"migrate", "new-token", "tokens", "revoke", "import"} {
		if given[name] {
			commands = append(commands, name)
		}
	}
	switch {
	case flags.NArg() > 0:
		return nil, usage("there are options alone, and no %q", flags.Arg(0))
	case c.file != "" && c.url != "":
		return nil, usage("both -db and DATABASE_URL are set: which database?")
	case given["db"] && c.file == "":
		return nil, usage("-db wants the name of a file")
	case len(commands) > 1:
		return nil, usage("-%s and -%s are two commands", commands[0], commands[1])
	case len(commands) == 1 && c.file == "" && c.url == "":
		return nil, usage("-%s wants a database that lasts: -db or DATABASE_URL", commands[0])
	case len(commands) == 1 && (c.sample || given["addr"] || given["metrics"] || given["key-bytes"] || given["drain"]):
		return nil, usage("-%s does not serve: leave -sample, -addr, -metrics, -key-bytes and -drain out", commands[0])
	case (given["team"] || given["expires"]) && !given["new-token"]:
		return nil, usage("-team and -expires are for -new-token")
	case c.keyBytes < 1, c.drain < 0:
		return nil, usage("-key-bytes must be at least 1, and -drain not negative")
	case given["expires"] && c.expires <= 0:
		return nil, usage("-expires must be in the future")
	case given["revoke"] && c.revoke == "", given["import"] && c.importFile == "":
		return nil, usage("-%s wants a value", commands[0])
	}
	if given["new-token"] {
		var err error
		if c.team, err = contact.ParseID(team); err != nil {
			return nil, usage("-team must be the team's id, a version 4 UUID")
		}
		c.scopes = strings.Fields(c.newToken)
		for _, scope := range c.scopes {
			if !contacthttp.HasScope([]string{scope}, contact.ScopeUpdate) && !contacthttp.HasScope([]string{scope}, contacthttp.ScopeRead) {
				return nil, usage("no scope of -new-token may be without effect; %s and %s are known, and * for each part",
					contact.ScopeUpdate, contacthttp.ScopeRead)
			}
		}
		if len(c.scopes) == 0 {
			return nil, usage("-new-token wants scopes, such as %q", contact.ScopeUpdate)
		}
	}
	return c, nil
}

// run is the program: it serves until ctx ends.
func run(ctx context.Context, args []string, databaseURL string, out, logs io.Writer) error {
	c, err := parseOptions(args, databaseURL, logs)
	if err != nil {
		return err
	}
	if c.healthy != "" {
		return checkHealth(ctx, c.healthy)
	}
	store, err := Open(c.file, c.url, !c.migrate && c.importFile == "")
	if err != nil {
		return err
	}
	defer store.Close()
	store.keyBytes = c.keyBytes

	inMemory := c.file == "" && c.url == ""
	if c.migrate || inMemory {
		if err := store.Migrate(ctx); err != nil || c.migrate {
			return err
		}
	}
	if err := store.CheckSchema(ctx); err != nil {
		return err
	}
	switch {
	case c.newToken != "":
		now := time.Now()
		var expires time.Time
		if c.expires != 0 {
			expires = now.Add(c.expires)
		}
		bearer, token := makeToken(c.team, c.scopes, now, expires)
		if _, err := store.Insert(ctx, nil, []Token{token}); err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, bearer)
		return err
	case c.tokens:
		return listTokens(ctx, store, out)
	case c.revoke != "":
		if err := store.Revoke(ctx, c.revoke); err != nil {
			if errors.Is(err, contacthttp.ErrNotFound) {
				err = errors.New("there is no such token: -tokens lists their ids")
			}
			return err
		}
		return nil
	case c.importFile != "":
		return importFile(ctx, store, c.importFile, out)
	}
	if c.sample || inMemory {
		contacts, tokens, err := sampleData()
		if err != nil {
			return err
		}
		if _, err := store.Insert(ctx, contacts, tokens); err != nil {
			return err
		}
	}
	return listenAndServe(ctx, c, store, c.sample || inMemory, out, logs)
}

// maxConnections is how many clients may be connected at a time.
const maxConnections = 1024

// checkHealth is for a container, whose image has no other program to ask with.
func checkHealth(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %d", url, resp.StatusCode)
	}
	return nil
}

// listenAndServe serves until ctx ends, and lets the requests that are under way finish.
func listenAndServe(ctx context.Context, c *options, store *sqlStore, sample bool, out, logs io.Writer) error {
	log := slog.New(slog.NewJSONHandler(logs, nil))
	signals, err := newTelemetry(ctx, log, store)
	if err != nil {
		return err
	}
	defer func() {
		if err := signals.close(context.WithoutCancel(ctx)); err != nil {
			log.Warn("telemetry", "error", err.Error())
		}
	}()
	service := &Service{Store: store, Now: time.Now, Log: log}
	server := newServer(signals.wrap(service.Handler()), log)
	listener, err := net.Listen("tcp", c.addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	listener = netutil.LimitListener(listener, maxConnections)
	failed := make(chan error, 2)
	var metrics net.Addr
	if c.metrics != "" {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", signals.metrics)
		second := newServer(mux, log)
		l, err := net.Listen("tcp", c.metrics)
		if err != nil {
			return err
		}
		defer second.Close()
		metrics = l.Addr()
		go func() { failed <- second.Serve(l) }()
	}
	fmt.Fprintf(out, "listening on http://%s\n", listener.Addr())
	if metrics != nil {
		fmt.Fprintf(out, "metrics on http://%s/metrics\n", metrics)
	}
	if sample {
		fmt.Fprintf(out, "the form with a sample contact: http://%s/#contact=%s&token=%s\n", listener.Addr(), sampleContact, sampleToken)
	}
	go func() { failed <- server.Serve(listener) }()

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
			time.Sleep(c.drain)
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
	line, read, stored := 0, 0, 0
	flush := func() error {
		n, err := store.Insert(ctx, batch, nil)
		if err != nil {
			return fmt.Errorf("lines up to %d: %w", line, err)
		}
		read, stored, batch = read+len(batch), stored+n, batch[:0]
		return nil
	}
	for lines.Scan() {
		line++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		c, err := contact.Parse(lines.Bytes())
		if err != nil {
			return errors.Join(flush(), fmt.Errorf("line %d: %w; the lines before it are stored", line, err))
		}
		if batch = append(batch, c); len(batch) == importBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(lines.Err(), flush()); err != nil {
		return fmt.Errorf("line %d: %w", line+1, err)
	}
	_, err = fmt.Fprintf(out, "%d contacts, %d of them new\n", read, stored)
	return err
}
