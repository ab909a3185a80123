// franz-go, whose own tests franz-go.test.ts runs.
module ottla.test/franz-go

go 1.26.0

require github.com/twmb/franz-go v1.22.3
