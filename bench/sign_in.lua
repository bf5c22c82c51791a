-- wrk's part of bench/sign_in: people who sign in, each in turn, with the password in BENCH_PASSWORD. Ends with one line:
-- how many did, and how many could not.
local threads = {}
local person = 0
good, wrong = 0, 0

function setup(thread)
	threads[#threads + 1] = thread
end

function request()
	person = person % 16 + 1
	return wrk.format("POST", nil, { Host = wrk.headers["Host"], ["Content-Type"] = "application/json" },
		string.format('{"email":"bench-%d@example.com","password":"%s"}', person, os.getenv("BENCH_PASSWORD")))
end

function response(status)
	if status == 200 then
		good = good + 1
	else
		wrong = wrong + 1
	end
end

function done(summary)
	local did, could_not = 0, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
	for _, thread in ipairs(threads) do
		did = did + thread:get("good")
		could_not = could_not + thread:get("wrong")
	end
	io.write(string.format("RESULT %d %d\n", did, could_not))
end
