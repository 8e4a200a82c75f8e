// How each job stands between its cycles: when the next one is, and what keeps it from one.
import type { JobAnswer } from "../../ask/contract.ts";
import { Badge } from "../../parts/badge.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Ago, Time } from "../../parts/time.tsx";
import { counted, directionName } from "../../parts/words.ts";

const nameOf = ({ job, direction }: JobAnswer): string =>
  job === "photos" ? "Pictures" : directionName(direction);

function Quarantine({ job }: { readonly job: JobAnswer }) {
  const { quarantine } = job;
  if (quarantine === null) return null;
  const ends = quarantine.isStopped ? (
    <>It has stopped after four weeks: start a cycle by hand when the cause is mended.</>
  ) : (
    <>
      It is tried once a day, next <Ago at={quarantine.nextAt} />. A cycle that succeeds ends it;
      you may start one now.
    </>
  );
  return (
    <div class="note bad">
      <Icon name="warn" />
      <div>
        <p>
          <b>{nameOf(job)}</b> is in quarantine since <Time at={quarantine.since} />:{" "}
          {quarantine.reason.message} <code class="code">{quarantine.reason.code}</code>
        </p>
        <p>{ends}</p>
      </div>
    </div>
  );
}

/** The jobs, one line each, and a note for each that is in quarantine. */
export function JobStrips({ jobs }: { readonly jobs: readonly JobAnswer[] }) {
  return (
    <section class="jobs" aria-label="Jobs">
      <ul class="job-strips">
        {jobs.map((job) => (
          <li key={job.job}>
            <b>{nameOf(job)}</b>{" "}
            {job.quarantine === null ? null : <Badge word="quarantine" tone="bad" />}
            <span class="soft">
              {job.nextAt ? (
                <>
                  next <Ago at={job.nextAt} />
                </>
              ) : job.schedule ? (
                <code>{job.schedule}</code>
              ) : (
                "not scheduled"
              )}
              {job.lastListing === null ? null : (
                <>
                  {" · "}everyone read <Ago at={job.lastListing.at} /> (
                  {counted(job.lastListing.users, "user")})
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
      {jobs.map((job) => (
        <Quarantine key={job.job} job={job} />
      ))}
    </section>
  );
}
