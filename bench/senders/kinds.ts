import type { Chance } from './chance.ts';
import { type HeaderHabit, type Modality, type SentImage, slicesOf } from './scan.ts';

/** One study of a source: what it sends and when. */
type SendStudy = (chance: Chance) => SentImage[];

/** A way to send. Each source of a kind has its own speeds and headers. */
export interface SenderKind {
  name: string;
  /** Weight in the mix; all weights are normalised. */
  share: number;
  modality: Modality;
  /** What is drawn once for a source. */
  source(chance: Chance, habit: HeaderHabit): SendStudy;
}

/** Slices of a CT series: from a short one to a thin one. */
function sliceCount(chance: Chance): number {
  return Math.round(Math.min(400, Math.max(20, chance.logNormal(70, 0.7))));
}

function seriesCount(chance: Chance): number {
  return chance.between(1, 4);
}

/** One after another, each after what `gap` draws. Answers when the last one came. */
function send(images: readonly SentImage[], from: number, gap: (at: number) => number): number {
  let seconds = from;
  images.forEach((image, at) => {
    seconds += at === 0 ? 0 : gap(at);
    image.seconds = seconds;
  });
  return seconds;
}

/** `lanes` connections take from one queue; each image takes as long as `take` draws. */
function sendInLanes(images: readonly SentImage[], from: number, lanes: number, take: () => number): number {
  const free = Array.from({ length: lanes }, () => from);
  for (const image of images) {
    const lane = free.indexOf(Math.min(...free));
    image.seconds = (free[lane] ?? from) + take();
    free[lane] = image.seconds;
  }
  return Math.max(...free);
}

/** The series of a study one after another, with a pause between. */
function inTurn(
  chance: Chance,
  habit: HeaderHabit,
  sendSeries: (images: SentImage[], from: number) => number,
  pause: () => number = () => chance.from(0.5, 3),
): SentImage[] {
  let from = 0;
  return Array.from({ length: seriesCount(chance) }, (_, series) => {
    const images = slicesOf(chance, habit, series, sliceCount(chance));
    from = sendSeries(images, from) + pause();
    return images;
  }).flat();
}

export const SENDER_KINDS: readonly SenderKind[] = [
  {
    name: 'one association',
    share: 14,
    modality: 'CT',
    source: (chance, habit) => {
      const mean = 1 / chance.from(8, 40);
      return (study) =>
        inTurn(study, habit, (images, from) => send(images, from, () => study.logNormal(mean, 0.4)));
    },
  },
  {
    name: 'slow line',
    share: 5,
    modality: 'CT',
    source: (chance, habit) => {
      const gap = chance.from(1.2, 3);
      const pauses = chance.from(0.005, 0.03);
      return (study) =>
        inTurn(study, habit, (images, from) =>
          send(images, from, () => (study.is(pauses) ? study.from(5, 15) : study.logNormal(gap, 0.25))),
        );
    },
  },
  {
    name: 'parallel upload',
    share: 10,
    modality: 'CT',
    source: (chance, habit) => {
      const take = chance.from(0.2, 1.5);
      return (study) => {
        const images = inTurn(study, habit, (_images, from) => from);
        sendInLanes(study.shuffled(images), 0, 10, () => study.logNormal(take, 0.6));
        return images;
      };
    },
  },
  {
    name: 'four transfers, several passes',
    share: 5,
    modality: 'CT',
    source: (chance, habit) => {
      const take = chance.from(0.3, 2);
      return (study) => {
        const images = inTurn(study, habit, (_images, from) => from);
        const failed = images.filter(() => study.is(0.0005));
        const end = sendInLanes(
          images.filter((image) => !failed.includes(image)),
          0,
          4,
          () => study.logNormal(take, 0.5),
        );
        sendInLanes(failed, end + study.from(2, 25), 4, () => study.logNormal(take, 0.5));
        return images;
      };
    },
  },
  {
    name: 'an association for each image',
    share: 5,
    modality: 'CT',
    source: (chance, habit) => {
      const gap = chance.from(1, 3);
      return (study) =>
        inTurn(study, habit, (images, from) => send(images, from, () => study.logNormal(gap, 0.3)));
    },
  },
  {
    name: 'sent while it is reconstructed',
    share: 7,
    modality: 'CT',
    source: (chance, habit) => {
      const burst = chance.between(10, 60);
      const pause = chance.from(5, 25);
      return (study) =>
        inTurn(study, habit, (images, from) =>
          send(images, from, (at) =>
            at % burst === 0 ? study.from(pause, pause * 1.6) : study.from(0.03, 0.1),
          ),
        );
    },
  },
  {
    name: 'series in turn, image by image',
    share: 5,
    modality: 'CT',
    source: (chance, habit) => {
      const gap = chance.from(0.03, 0.2);
      return (study) => {
        const many = study.between(3, 6);
        const series = Array.from({ length: many }, (_, at) => slicesOf(study, habit, at, sliceCount(study)));
        const longest = Math.max(...series.map(({ length }) => length));
        const order = Array.from({ length: longest }, (_, at) =>
          series.flatMap((images) => images[at] ?? []),
        ).flat();
        send(order, 0, () => study.logNormal(gap, 0.4));
        return order;
      };
    },
  },
  {
    name: 'series after series',
    share: 10,
    modality: 'CT',
    source: (chance, habit) => {
      const mean = 1 / chance.from(10, 30);
      return (study) =>
        inTurn(
          study,
          habit,
          (images, from) => send(images, from, () => study.logNormal(mean, 0.4)),
          () => (study.is(0.2) ? study.from(30, 400) : study.from(1, 10)),
        );
    },
  },
  {
    name: 'retransmissions',
    share: 1.5,
    modality: 'CT',
    source: (chance, habit) => {
      const mean = 1 / chance.from(8, 30);
      return (study) =>
        inTurn(study, habit, (images, from) => {
          if (!study.is(0.15)) return send(images, from, () => study.logNormal(mean, 0.4));
          const isTail = study.is(0.4);
          const first = study.between(1, images.length - 2);
          const late = isTail ? images.slice(first) : images.slice(first, first + study.between(1, 3));
          const end = send(
            images.filter((image) => !late.includes(image)),
            from,
            () => study.logNormal(mean, 0.4),
          );
          send(late, end + study.from(30, 600), () => study.logNormal(mean, 0.4));
          return end;
        });
    },
  },
  {
    name: 'stalls',
    share: 1.5,
    modality: 'CT',
    source: (chance, habit) => {
      const mean = 1 / chance.from(8, 30);
      return (study) =>
        inTurn(study, habit, (images, from) => {
          const stallAt = study.is(0.3) ? study.between(1, images.length - 1) : -1;
          return send(images, from, (at) =>
            at === stallAt ? study.from(10, 50) : study.logNormal(mean, 0.4),
          );
        });
    },
  },
  {
    name: 'mobile line',
    share: 1.5,
    modality: 'CT',
    source: (chance, habit) => {
      const gap = chance.from(0.3, 1.5);
      return (study) =>
        inTurn(study, habit, (images, from) =>
          send(images, from, () =>
            study.is(0.01) ? Math.min(240, study.pareto(4, 0.9)) : study.logNormal(gap, 0.4),
          ),
        );
    },
  },
  {
    name: 'archive unpacked',
    share: 4,
    modality: 'CT',
    source: (_chance, habit) => (study) => {
      const images = inTurn(study, habit, (_images, from) => from);
      send(study.shuffled(images), 0, () => study.exponential(0.004));
      return images;
    },
  },
  {
    name: 'phases of contrast in one series',
    share: 2,
    modality: 'CT',
    source: (chance, habit) => {
      const mean = 1 / chance.from(8, 30);
      const claim = habit.claim === 'right' && chance.is(0.5) ? 'per_phase' : habit.claim;
      return (study) =>
        inTurn(study, { ...habit, claim }, (images, from) => {
          const second = study.is(0.3) ? Math.ceil(images.length / 2) : -1;
          return send(images, from, (at) =>
            at === second ? study.from(40, 180) : study.logNormal(mean, 0.4),
          );
        });
    },
  },
  {
    name: 'X-ray of one view',
    share: 10,
    modality: 'DX',
    source: (_chance, habit) => (study) => slicesOf(study, habit, 0, 1),
  },
  {
    name: 'X-ray of two views',
    share: 5,
    modality: 'DX',
    source: (chance, habit) => {
      const isAtClose = chance.is(0.5);
      const isOneSeries = chance.is(0.5);
      return (study) => {
        const images = isOneSeries
          ? slicesOf(study, habit, 0, 2)
          : [...slicesOf(study, habit, 0, 1), ...slicesOf(study, habit, 1, 1)];
        send(images, 0, () => (isAtClose ? study.from(0.3, 2) : study.from(12, 240)));
        return images;
      };
    },
  },
  {
    name: 'localizer, then slices',
    share: 4,
    modality: 'CT',
    source: (chance, habit) => {
      const isInSeries = chance.is(0.25);
      const mean = 1 / chance.from(10, 30);
      return (study) => {
        const localizer = slicesOf(study, habit, 0, study.between(1, 2));
        const slices = slicesOf(study, habit, isInSeries ? 0 : 1, sliceCount(study));
        const end = send(localizer, 0, () => study.from(0.1, 1));
        send(slices, end + study.from(10, 60), () => study.logNormal(mean, 0.4));
        return [...localizer, ...slices];
      };
    },
  },
  {
    name: 'four associations',
    share: 6,
    modality: 'CT',
    source: (chance, habit) => {
      const take = chance.from(0.1, 0.5);
      return (study) =>
        inTurn(study, habit, (images, from) =>
          sendInLanes(images, from, 4, () => study.logNormal(take, 0.5)),
        );
    },
  },
  {
    name: 'folder copied by the minute',
    share: 1.5,
    modality: 'CT',
    source: (chance, habit) => {
      const every = chance.one([30, 60]);
      const scanned = chance.from(0.3, 1.2);
      return (study) => {
        const phase = study.from(0, every);
        return inTurn(study, habit, (images, from) => {
          const end = send(images, from, () => study.logNormal(scanned, 0.2));
          for (const image of images)
            image.seconds = Math.ceil((image.seconds + phase) / every) * every - phase + study.from(0, 4);
          return end;
        });
      };
    },
  },
  {
    name: 'series minutes apart',
    share: 3,
    modality: 'MR',
    source: (chance, habit) => {
      const claim = chance.is(0.6) ? 'right' : habit.claim;
      const mean = 1 / chance.from(5, 20);
      return (study) =>
        inTurn(
          study,
          { ...habit, claim },
          (images, from) => send(images, from, () => study.logNormal(mean, 0.4)),
          () => study.from(60, 400),
        );
    },
  },
  {
    name: 'migration of an archive',
    share: 6,
    modality: 'CT',
    source: (chance, habit) => {
      const take = chance.from(0.1, 0.6);
      return (study) =>
        inTurn(study, habit, (images, from) =>
          sendInLanes(images, from, 3, () =>
            study.is(0.04 / 70) ? study.from(5, 45) : study.logNormal(take, 0.5),
          ),
        );
    },
  },
];
