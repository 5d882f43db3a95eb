// Command service is an HTTP service around package contact: updateContact
// and a way to read the contact back, on SQLite or PostgreSQL, with the
// browser form of the WASM build as its page.
//
//	go run .                                  in memory, with sample data
//	go run . -db contacts.db                  a SQLite file
//	DATABASE_URL=postgres://… go run .        PostgreSQL
//	go run . -db contacts.db -new-token "partner:contacts:*" -team <id>
package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/partner-contacts/contact"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv("DATABASE_URL"), os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "service:", printable(err))
		os.Exit(1)
	}
}

// run is the program: it serves until ctx ends.
func run(ctx context.Context, args []string, databaseURL string, out, logs io.Writer) error {
	flags := flag.NewFlagSet("service", flag.ContinueOnError)
	flags.SetOutput(logs)
	addr := flags.String("addr", "127.0.0.1:8080", "address to listen on")
	file := flags.String("db", "", "SQLite file; without it and without DATABASE_URL all is in memory")
	sample := flags.Bool("sample", false, "store the sample contacts and tokens, whose secrets are public (always so in memory)")
	wasm := flags.String("wasm", "../../wasm", "folder of the WebAssembly package, which the browser form is built from")
	newToken := flags.String("new-token", "", "make a token with these scopes (space between them), print it and end")
	team := flags.String("team", "", "the team of the -new-token")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}

	var store Store
	var err error
	switch {
	case *file != "" && databaseURL != "":
		return errors.New("both -db and DATABASE_URL are set: which database?")
	case databaseURL != "":
		store, err = OpenPostgres(ctx, databaseURL)
	default:
		store, err = OpenSQLite(ctx, *file)
	}
	if err != nil {
		return err
	}
	defer store.Close()

	if *newToken != "" {
		id, err := contact.ParseID(*team)
		if err != nil {
			return errors.New("-team must be the team's id")
		}
		bearer, token := makeToken(id, strings.Fields(*newToken))
		if err := store.Put(ctx, nil, []Token{token}); err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, bearer)
		return err
	}
	withSample := *sample || *file == "" && databaseURL == ""
	if withSample {
		contacts, tokens, err := sampleData()
		if err != nil {
			return err
		}
		if err := store.Put(ctx, contacts, tokens); err != nil {
			return err
		}
	}

	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(logs, nil))
	service := &Service{Store: store, Now: time.Now, Log: log, Form: formFiles(*wasm)}
	server := newServer(service.Handler(), log)
	fmt.Fprintf(out, "listening on http://%s\n", listener.Addr())
	if withSample {
		fmt.Fprintf(out, "the form with a sample contact: http://%s/#contact=%s&token=%s\n", listener.Addr(), sampleContact, sampleToken)
	}

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(wireListener{listener}) }()
	hourly := time.NewTicker(time.Hour)
	defer hourly.Stop()
	for {
		if err := store.Expire(ctx, time.Now()); err != nil && ctx.Err() == nil {
			log.Error("expire", "error", printable(err))
		}
		select {
		case err := <-failed:
			return err
		case <-hourly.C:
		case <-ctx.Done():
			// Requests that are under way may finish; new ones are refused.
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			return server.Shutdown(ctx)
		}
	}
}

// makeToken returns a new token, once as the client sends it and once as it
// is stored.
func makeToken(team contact.ID, scopes []string) (bearer string, t Token) {
	id := rand.Text()
	bearer = id + "." + rand.Text() + rand.Text() // rand.Text has at least 128 bits
	return bearer, Token{ID: id, Hash: sha256.Sum256([]byte(bearer)), Team: team, Scopes: scopes}
}

// What the printed address opens; both are in the sample data.
const (
	sampleContact = "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"
	sampleToken   = "sample-write.3pQm8Zk2Xv7Rt1Nc9Lb5Wd4Hs6Jf0Ga"
)

//go:embed sample.json
var sampleJSON []byte

// sampleData is two contacts of two teams, and tokens for them that the README
// prints.
func sampleData() ([]*contact.Contact, []Token, error) {
	var sample struct {
		Contacts []json.RawMessage
		Tokens   []struct {
			Token  string
			Team   string
			Scopes []string
		}
	}
	if err := json.Unmarshal(sampleJSON, &sample); err != nil {
		return nil, nil, err
	}
	var contacts []*contact.Contact
	for _, raw := range sample.Contacts {
		c, err := contact.Parse(raw)
		if err != nil {
			return nil, nil, err
		}
		contacts = append(contacts, c)
	}
	var tokens []Token
	for _, t := range sample.Tokens {
		team, err := contact.ParseID(t.Team)
		if err != nil {
			return nil, nil, err
		}
		id, _, _ := strings.Cut(t.Token, ".")
		tokens = append(tokens, Token{ID: id, Hash: sha256.Sum256([]byte(t.Token)), Team: team, Scopes: t.Scopes})
	}
	return contacts, tokens, nil
}
